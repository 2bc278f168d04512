// The tabs a new visitor finds. Each works on a fresh server; what each shows stands in its first line.
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
# Makes an account, and signs this page
# in with it where nobody is signed in.
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
# Signs in. Unknown names and wrong
# passwords are refused alike.
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
# Who am I, and what may I do?
# Needs being signed in.
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
    permissions
  }
}`),
  example(`
# A page of accounts. Who may not read
# them gets null, and the reason.
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
# For administrators. Make the first one
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
