// Clients that register, read and change at once, and check that each answer is their own: a pooler that mixed up
// statements would show here. Usage: node load.mjs URL
const [url] = process.argv.slice(2);
const password = "violet kettle drums 77 orbit";
const clients = 12;

async function ask(query, variables, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const answer = await response.json();
  if (answer.errors) throw new Error(`${query}: ${JSON.stringify(answer.errors)}`);
  return answer.data;
}

function expect(actual, expected, what) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
  }
}

const login = (username) =>
  ask("mutation($i: LoginInput!) { login(input: $i) { accessToken refreshToken } }", { i: { username, password } });

const root = (await login("root")).login.accessToken;

async function client(number) {
  const username = `user-${number}`;
  const register = "mutation($i: RegisterInput!) { register(input: $i) { accessToken refreshToken user { id } } }";
  const { register: registered } = await ask(register, { i: { username, password } });
  const { id } = registered.user;
  let { accessToken, refreshToken } = registered;
  for (let round = 0; round < 20; round += 1) {
    const [me, user] = await Promise.all([
      ask("{ me { id username sessions { nodes { id } } securityEvents { nodes { action } } } }", {}, accessToken),
      ask("query($id: ID!) { user(id: $id) { id username roles { name } } }", { id }, root),
      ask("{ users(first: 10) { totalCount nodes { username roles { name } } } }", {}, root),
    ]);
    expect([me.me.id, me.me.username], [id, username], "me");
    expect([user.user.id, user.user.username], [id, username], "user");
    const displayName = `Name ${number}.${round}`;
    const update = "mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { user { id displayName } } }";
    const { updateProfile } = await ask(update, { i: { displayName } }, accessToken);
    expect(updateProfile.user, { id, displayName }, "updateProfile");
    const refresh = "mutation($i: RefreshInput!) { refresh(input: $i) { accessToken refreshToken user { id } } }";
    const { refresh: refreshed } = await ask(refresh, { i: { refreshToken } });
    expect(refreshed.user.id, id, "refresh");
    ({ accessToken, refreshToken } = refreshed);
  }
  const disable = "mutation($i: DisableUserInput!) { disableUser(input: $i) { user { id state } } }";
  const { disableUser } = await ask(disable, { i: { userId: id } }, root);
  expect(disableUser.user, { id, state: "DISABLED" }, "disableUser");
}

await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
const { users } = await ask("{ users(first: 1) { totalCount } }", {}, root);
expect(users.totalCount, clients + 1, "totalCount");
