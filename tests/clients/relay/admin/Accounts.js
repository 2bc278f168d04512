// The list of accounts. `@connection` compiles only where the list is a connection in Relay's sense.
import { graphql } from "react-relay";

export const page = graphql`
  fragment Accounts_page on Query
  @refetchable(queryName: "AccountsPageQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    users(first: $first, after: $after) @connection(key: "Accounts_users") {
      edges {
        node {
          ...Profile_account
        }
      }
    }
  }
`;

export const query = graphql`
  query AccountsQuery {
    ...Accounts_page
  }
`;

export const setRoles = graphql`
  mutation AccountsSetRolesMutation($input: SetUserRolesInput!) {
    setUserRoles(input: $input) {
      user {
        id
        roles {
          id
          name
        }
      }
    }
  }
`;
