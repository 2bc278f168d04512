//! Generates requests that could reveal a difference: users, objects by id, and lists with every filter and order, with
//! valid and invalid cursors from previous answers. The sequence is deterministic.

use serde_json::{Value, json};

use super::fixtures::{ACCOUNT, COUNT, EVENT, ROLE, SESSION, id};

/// The random state, and the cursors from previous answers.
#[derive(Debug)]
pub struct RequestGenerator {
    state: u64,
    reader: String,
    cursors: Vec<String>,
    /// The number of answers with data.
    pub answered: usize,
    /// The number of answers with errors.
    pub refused: usize,
    /// The number of answers with a cursor.
    pub pages: usize,
}

const USER: &[&str] = &[
    "id",
    "username",
    "email",
    "state",
    "createdAt",
    "lastSignInAt",
    "roles { name description }",
    "roles { name permissions { name } }",
    "permissions { name }",
    "sessions(first: 2) { edges { cursor node { id ipAddress lastUsedAt } } pageInfo { hasNextPage } }",
    "securityEvents(last: 2) { edges { node { id action } } pageInfo { endCursor } }",
];
const TEXTS: &[&str] = &["p", "P1", "q", "qp", "reader", "", "%", "_", "\\", "é", "p\u{0}"];
const EMAILS: &[&str] = &["p1@example.org", "P2@EXAMPLE.org", "qp05@example.net", "nobody@example.org", "p1", ""];
const SEARCHED: &[&str] = &["p1@example.org", "example", "qp05@", "P1", "ead", "", "%%%", "net"];
const ROLES: &[&str] =
    &["user", "admin", "helper", "unheld", "unheard", "roles-reader", "users-reader", "ghost", "A b"];
const TIMES: &[&str] = &[
    "1970-01-01T00:00:00.005Z",
    "2020-09-13T12:26:40Z",
    "2020-09-13T12:26:41.0005Z",
    "2023-11-14T22:13:25Z",
    "2023-11-14T22:13:20+00:00",
    "2027-01-15T08:00:00Z",
    "never",
];
const DOCUMENTS: &[&str] = &[
    "{ users(filter: { emai: \"x\" }) { totalCount } }",
    "{ users(orderBy: { field: EMAIL }) { totalCount } }",
    "{ users(orderBy: { direction: ASC }) { totalCount } }",
    "{ users { edges { node { passwordHash } } } }",
    "{ users(first: 101) { totalCount } }",
    "{ users(filter: \"x\") { totalCount } }",
    "query ($f: UserFilter!) { users(filter: $f) { totalCount } }",
    "{ __type(name: \"UserFilter\") { inputFields { name } } __typename }",
    "{ __type(name: \"User\") { fields { name description } } }",
    "{ admin { users { total active disabled } sessions } permissions { name } }",
    "{ roles { id name description permissions { name } } }",
    "{ users(filter: {",
    "mutation { disableUser(input: { userId: \"01890000-0000-7000-8000-000000000004\" }) { user { state } } }",
    "mutation { revokeSession(input: { sessionId: \"01890001-0000-7000-8000-000000000004\" }) { session { id } } }",
    "mutation { setUserRoles(input: { userId: \"x\", roles: [\"unheld\"] }) { user { id } } }",
];

impl RequestGenerator {
    pub fn new(reader: &str) -> Self {
        let (cursors, reader) = (vec!["nonsense".to_owned()], reader.to_owned());
        Self { state: 0x9e37_79b9_7f4a_7c15, reader, cursors, answered: 0, refused: 0, pages: 0 }
    }

    /// Collects the cursors of an answer for later requests.
    pub fn learn(&mut self, body: &str) {
        let answer: Value = serde_json::from_str(body).unwrap_or_default();
        let data = answer.pointer("/data").and_then(Value::as_object);
        self.answered += usize::from(data.is_some_and(|fields| fields.values().any(|value| !value.is_null())));
        self.refused += usize::from(!answer["errors"].is_null());
        let before = self.cursors.len();
        collect(&answer["data"], &mut self.cursors);
        self.pages += usize::from(self.cursors.len() > before);
        let surplus = self.cursors.len().saturating_sub(60);
        self.cursors.drain(..surplus);
    }

    /// The body of the next request.
    pub fn next(&mut self) -> Value {
        if self.below(12) == 0 {
            return json!({ "query": self.one(DOCUMENTS) });
        }
        let fields: Vec<_> = (0..=self.below(3)).map(|n| format!("f{n}: {}", self.root())).collect();
        let mut body = json!({ "query": format!("{{ {} }}", fields.join(" ")) });
        if self.below(4) == 0 {
            let filter = match self.below(6) {
                0 => json!(7),
                1 => json!({ "state": "GONE" }),
                2 => json!({ "email": self.one(EMAILS), "role": self.one(ROLES) }),
                _ => json!({ "usernamePrefix": self.one(TEXTS), "lastSignInAt": { "from": self.one(TIMES) } }),
            };
            let after = self.cursor();
            body = json!({
                "query": "query ($f: UserFilter, $a: String) { users(filter: $f, after: $a, first: 3) { totalCount edges { cursor } } }",
                "variables": { "f": filter, "a": if self.below(2) == 0 { json!(after) } else { json!(null) } },
            });
        }
        body
    }

    fn root(&mut self) -> String {
        match self.below(10) {
            0 => format!("me {}", self.user()),
            1 => "roles { id name description permissions { name } }".to_owned(),
            2 => format!("user(id: {}) {}", self.id(), self.user()),
            3 | 4 => {
                let (id, user) = (self.id(), self.user());
                format!(
                    "node(id: {id}) {{ __typename id ... on User {user} ... on Session {{ ipAddress isCurrent }} \
                     ... on SecurityEvent {{ action ipAddress }} ... on Role {{ name permissions {{ name }} }} }}"
                )
            }
            _ => self.users(),
        }
    }

    fn users(&mut self) -> String {
        let mut arguments = Vec::new();
        let size = self.below(6);
        arguments.extend(match self.below(5) {
            0 => None,
            1 => Some(format!("last: {size}")),
            _ => Some(format!("first: {size}")),
        });
        for position in ["after", "before"] {
            if self.below(4) == 0 {
                arguments.push(format!("{position}: {}", json!(self.cursor())));
            }
        }
        // Few distinct lists, so that cursors fit later requests.
        if self.below(2) == 0 {
            arguments.push(format!("filter: {{ {} }}", self.filter()));
        }
        if self.below(2) == 0 {
            let (field, direction) =
                (self.one(&["CREATED_AT", "USERNAME", "LAST_SIGN_IN_AT"]), self.one(&["ASC", "DESC"]));
            arguments.push(format!("orderBy: {{ field: {field}, direction: {direction} }}"));
        }
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let total = self.one(&["totalCount", "", "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"]);
        format!("users{arguments} {{ {total} edges {{ cursor node {} }} }}", self.user())
    }

    fn filter(&mut self) -> String {
        let mut parts = Vec::new();
        for part in ["usernamePrefix", "email", "search", "role", "state", "createdAt", "lastSignInAt", "neverSignedIn"]
        {
            if self.below(5) != 0 {
                continue;
            }
            let value = match part {
                "usernamePrefix" => json!(self.one(TEXTS)).to_string(),
                "email" => json!(self.one(EMAILS)).to_string(),
                "search" => json!(self.one(SEARCHED)).to_string(),
                "role" => json!(self.one(ROLES)).to_string(),
                "state" => self.one(&["ACTIVE", "DISABLED", "null"]).to_owned(),
                "createdAt" => format!("{{ from: {}, until: {} }}", json!(self.one(TIMES)), json!(self.one(TIMES))),
                "lastSignInAt" => self.one(&["{}", "{ until: \"2023-11-14T22:13:25Z\" }"]).to_owned(),
                _ => self.one(&["true", "false", "null"]).to_owned(),
            };
            parts.push(format!("{part}: {value}"));
        }
        parts.join(", ")
    }

    fn user(&mut self) -> String {
        let fields: Vec<_> = (0..=self.below(4)).map(|n| format!("u{n}: {}", self.one(USER))).collect();
        format!("{{ {} }}", fields.join(" "))
    }

    fn id(&mut self) -> String {
        let number = self.below(COUNT + 2);
        let text = match self.below(7) {
            0 => id(SESSION, number),
            1 => id(EVENT, number),
            2 => id(ROLE, number % 7),
            3 => self.reader.clone(),
            4 => self.one(TEXTS).to_owned(),
            _ => id(ACCOUNT, number),
        };
        json!(text).to_string()
    }

    fn cursor(&mut self) -> String {
        let number = self.below(self.cursors.len());
        self.cursors[number].clone()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap() % limit
    }
}

fn collect(value: &Value, cursors: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name.to_lowercase().contains("cursor") => cursors.push(text.clone()),
                    _ => collect(value, cursors),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, cursors)),
        _ => {}
    }
}
