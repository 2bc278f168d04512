//! The path of the public URL. Proxies differ in whether they pass it on, so the routes are served with it and without.

use axum::{
    Router,
    extract::Request,
    http::{Uri, uri::PathAndQuery},
    middleware,
};

/// Serves `router` also below `base`: empty, or a path that starts with a slash and does not end with one.
pub(crate) fn also_below(router: Router, base: &str) -> Router {
    if base.is_empty() {
        return router;
    }
    let base: std::sync::Arc<str> = base.into();
    let strip = move |request| {
        let request = stripped(&base, request);
        async { request }
    };
    Router::new().fallback_service(router).layer(middleware::map_request(strip))
}

fn stripped(base: &str, mut request: Request) -> Request {
    if let Some(uri) = without(base, request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// The URL without the path `base`. `None` if its path is another one.
fn without(base: &str, uri: &Uri) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(base)?;
    let path: PathAndQuery = match rest.as_bytes().first() {
        Some(b'/') => rest.try_into().ok()?,
        None | Some(b'?') => format!("/{rest}").try_into().ok()?,
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_segments_are_removed() {
        let without = |text: &str| without("/a/b", &text.parse().unwrap()).map(|uri| uri.to_string());
        for (text, rest) in [
            ("/a/b", Some("/")),
            ("/a/b?x=1", Some("/?x=1")),
            ("/a/b/", Some("/")),
            ("/a/b/graphql?query=%7Ba%7D", Some("/graphql?query=%7Ba%7D")),
            ("http://host/a/b/graphql", Some("http://host/graphql")),
            ("/a/b/a/b/c", Some("/a/b/c")),
            ("/a/bc", None),
            ("/a", None),
            ("/graphql/a/b", None),
            ("/", None),
        ] {
            assert_eq!(without(text).as_deref(), rest, "{text}");
        }
    }
}
