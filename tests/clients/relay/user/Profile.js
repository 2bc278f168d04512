// One's own account. `@refetchable` on User compiles only where Node and `node(id:)` are what Relay takes them to be.
import { graphql } from "react-relay";

export const account = graphql`
  fragment Profile_account on User @refetchable(queryName: "ProfileRefetchQuery") {
    id
    username
    email
    createdAt
    permissions
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
