// The tabs that a new visitor sees. Each works on a new server. Its first line says what it shows.
"use strict";

const example = (query, variables) => ({
  query: `${query.trim()}\n`,
  variables: variables && JSON.stringify(variables, null, 2),
});

const EXAMPLES = [
  example(`
# Open to everyone. Run it with the
# button on the right, or Ctrl-Enter.
query ServerInfo {
  serverInfo {
    version
    registrationOpen
    passwordRules {
      minCharacters
      maxCharacters
    }
    limits {
      depth
      selections
      pageSize
    }
  }
}`),
  example(`
# Creates an account, and signs this
# page in if it is signed out.
mutation Register($input: RegisterInput!) {
  register(input: $input) {
    accessToken
    refreshToken
    expiresIn
    user {
      username
      roles {
        name
      }
    }
  }
}`, { input: { username: "ann", password: "a quiet walk in the woods" } }),
  example(`
# Signs in. Unknown usernames and wrong
# passwords give the same error.
mutation Login($input: LoginInput!) {
  login(input: $input) {
    accessToken
    refreshToken
    expiresIn
    session {
      id
      expiresAt
    }
    user {
      username
    }
  }
}`, { input: { username: "ann", password: "a quiet walk in the woods" } }),
  example(`
# Who am I, and what can I do?
# Requires a signed-in user.
query Me {
  me {
    id
    username
    email
    createdAt
    roles {
      name
      description
    }
    permissions { name }
  }
}`),
  example(`
# A page of users. Without permission,
# it is null, with an error.
query Users($first: Int, $after: String) {
  users(first: $first, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        username
        state
        roles {
          name
        }
      }
    }
  }
}`, { first: 10 }),
  example(`
# For administrators. Create the first
# with: fieldguard admin create
query Admin {
  admin {
    message
    version
    database
    startedAt
    sessions
    users {
      total
      active
      disabled
      createdLast7Days
    }
  }
}`),
];
