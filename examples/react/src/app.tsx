// Sign-up, and a table of users. The server decides what the caller may see and do; the page only asks.
import { useMutation, useQuery } from "@apollo/client/react";
import { type FormEvent, useState } from "react";
import { DISABLE, LOGIN, REGISTER, USERS, type User, signIn, signOut } from "./client";

export function App() {
  const [username, setUsername] = useState<string>();
  if (!username) return <SignUp onDone={setUsername} />;
  return <Users username={username} onLeave={() => void signOut().then(() => setUsername(undefined))} />;
}

function SignUp({ onDone }: { onDone: (username: string) => void }) {
  const [register, registering] = useMutation(REGISTER, { errorPolicy: "all" });
  const [login, loggingIn] = useMutation(LOGIN, { errorPolicy: "all" });
  const [error, setError] = useState<string>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget, (event.nativeEvent as SubmitEvent).submitter);
    const input = { username: String(form.get("username")), password: String(form.get("password")) };
    const answer = await (form.get("action") === "register" ? register : login)({ variables: { input } });
    setError(answer.error?.message);
    const accessToken = answer.data?.session?.accessToken;
    if (answer.data?.session && !accessToken) setError("Your account needs a second factor, which this example leaves out.");
    if (!accessToken) return;
    await signIn(accessToken);
    onDone(input.username);
  }

  const busy = registering.loading || loggingIn.loading;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>Username <input name="username" required autoComplete="username" /></label>
      <label>Password <input name="password" type="password" required autoComplete="current-password" /></label>
      <button name="action" value="register" disabled={busy}>Sign up</button>
      <button name="action" value="login" disabled={busy}>Sign in</button>
      {error && <p role="alert">{error}</p>}
    </form>
  );
}

function Users({ username, onLeave }: { username: string; onLeave: () => void }) {
  const { data, error, loading } = useQuery(USERS, { errorPolicy: "all" });
  return (
    <main>
      <p>Signed in as {username}. <button onClick={onLeave}>Sign out</button></p>
      {loading && <p>Loading …</p>}
      {error && <p role="alert">{error.message}</p>}
      {data?.users && (
        <table>
          <thead><tr><th>Username</th><th>Email</th><th>You can</th><th /></tr></thead>
          <tbody>{data.users.nodes.map((user) => <Row key={user.id} user={user} />)}</tbody>
        </table>
      )}
    </main>
  );
}

function Row({ user }: { user: User }) {
  const [disable, { loading, error }] = useMutation(DISABLE, { variables: { id: user.id }, errorPolicy: "all" });
  return (
    <tr>
      <td>{user.username}</td>
      <td>{user.email}</td>
      <td>{user.can?.join(", ")}</td>
      <td>
        {user.can?.includes("DISABLE") && <button disabled={loading} onClick={() => void disable()}>Disable</button>}
        {error && <span role="alert">{error.message}</span>}
      </td>
    </tr>
  );
}
