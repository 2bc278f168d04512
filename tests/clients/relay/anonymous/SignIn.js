// A mutation that anyone may send.
import { graphql } from "react-relay";

export const signIn = graphql`
  mutation SignInMutation($input: LoginInput!) {
    login(input: $input) {
      accessToken
      expiresIn
      user {
        id
        username
      }
    }
  }
`;
