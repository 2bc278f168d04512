// The signed-in user. `@refetchable` on User compiles only if Node and `node(id:)` are as Relay expects them.
import { graphql } from "react-relay";

export const account = graphql`
  fragment Profile_account on User @refetchable(queryName: "ProfileRefetchQuery") {
    id
    username
    email
    createdAt
    permissions { name }
  }
`;

export const query = graphql`
  query ProfileQuery {
    me {
      ...Profile_account
    }
  }
`;

export const update = graphql`
  mutation ProfileUpdateMutation($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      user {
        ...Profile_account
      }
    }
  }
`;
