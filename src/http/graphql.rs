//! This server's part of `/graphql`: callers by token, the refresh cookie, and `extensions.viewAs`.

use axum::http::{HeaderMap, header};
use fieldguard_api::{
    execute::{Answered, RequestContext},
    sessions::refresh_cookie::Presented,
    view_as::ViewAs,
};
use fieldguard_guard::{caller::Caller, settings::Limits};
use fieldguard_http::{
    endpoint::{Endpoint, Finished, Head, Incoming, Outgoing},
    forwarded,
    refusal::Refusal,
};
use serde_json::Value;

use super::{HttpState, bearer, denied::Denied, operation_log::Line, refresh_cookie, trace};
use crate::domain::{principal::Principal, session::Client};

/// Longer user agents are cut, because they are shown to users and stored in the database.
const USER_AGENT_CHARACTERS: usize = 256;

/// The caller of a request, and the client it comes from.
pub struct Asker {
    caller: Caller,
    client: Client,
    refresh_cookie: Presented,
}

impl Endpoint for HttpState {
    type Asker = Asker;

    fn limits(&self) -> &Limits {
        &self.executor.settings().limits
    }

    async fn identify(&self, head: Head<'_>) -> Result<Asker, Refusal> {
        let client = self.client(head);
        let caller = bearer::caller(head.headers, &client, &self.accounts, head.id).await?;
        Ok(Asker {
            caller,
            client,
            refresh_cookie: refresh_cookie::presented(head.headers, &self.settings, self.same_site),
        })
    }

    async fn execute(&self, incoming: Incoming, asker: Asker) -> Result<Outgoing, Refusal> {
        let _running = self.operations.begin();
        let Incoming { request, mut extensions, request_id, queries_only, on_denied } = incoming;
        let request = match extensions.remove("viewAs").map(view_as).transpose()? {
            Some(view_as) => request.data(view_as),
            None => request,
        };
        let Asker { caller, client, refresh_cookie } = asker;
        trace::note_caller(|| caller.principal::<Principal>().map(Principal::user));
        let line = Line::begin(&request, &caller, &request_id);
        let denied = Denied::begin(&caller, &client, &request_id);
        let context = RequestContext { caller, client, refresh_cookie, request_id, queries_only, on_denied };
        let Answered { answer, refresh_cookie } = self.executor.execute(request, context).await;
        trace::note_name(answer.name.as_ref());
        if let Some(denied) = denied {
            denied.report(&answer, self.accounts.clock.now());
        }
        if let Some(line) = line {
            line.write(&answer);
        }
        let cookie = refresh_cookie.and_then(|change| refresh_cookie::header(&change, &self.settings, self.same_site));
        let headers = HeaderMap::from_iter(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        Ok(Outgoing { answer, headers })
    }

    fn finished(&self, request: &Finished<'_>) {
        self.operations.finished(request);
        trace::note_end(request);
    }
}

impl HttpState {
    fn client(&self, head: Head<'_>) -> Client {
        let agent = head.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Client {
            ip_address: head.peer.map(|peer| forwarded::client(peer.ip(), head.headers, &self.settings).to_string()),
            user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_CHARACTERS).collect()),
            ..Client::default()
        }
    }
}

fn view_as(role: Value) -> Result<ViewAs, Refusal> {
    match role {
        Value::Null => Ok(ViewAs(None)),
        Value::String(role) => Ok(ViewAs(Some(role))),
        _ => {
            let message = "`extensions.viewAs` must be the name of a role, or null for an anonymous caller.";
            Err(Refusal::bad_request(axum::http::StatusCode::BAD_REQUEST, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn view_as_accepts_a_role_or_null() {
        assert!(matches!(view_as(Value::Null), Ok(ViewAs(None))));
        assert!(matches!(view_as("admin".into()), Ok(ViewAs(Some(role))) if role == "admin"));
        for bad in [Value::from(1), Value::from(vec!["secret"])] {
            let refusal = view_as(bad).unwrap_err();
            assert!(!format!("{refusal:?}").contains("secret"), "{refusal:?}");
        }
    }
}
