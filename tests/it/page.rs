//! The page at `/` and its assets. `tests/browser` tests the page in a browser.

use fieldguard::http::playground;
use reqwest::{Client, Response, header};

use crate::app::Server;

async fn get(server: &Server, path: &str) -> Response {
    Client::new().get(server.url(path)).send().await.unwrap()
}

fn value(response: &Response, name: header::HeaderName) -> &str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// The paths of the assets that the page refers to.
fn assets(page: &str) -> Vec<&str> {
    page.split('"').filter(|text| text.starts_with("/playground/")).collect()
}

#[tokio::test]
async fn page_forbids_inline_scripts_and_framing() {
    for playground in [false, true] {
        let server = Server::with(|config| config.playground = Some(playground)).await;
        let response = get(&server, "/").await;
        let policy = value(&response, header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
        assert_eq!(value(&response, header::CACHE_CONTROL), "no-store");
        assert_eq!(value(&response, header::CONTENT_TYPE), "text/html; charset=utf-8");
        let page = response.text().await.unwrap();
        assert!(!page.contains("<script>") && !page.contains("{advice}"), "{page}");
    }
}

#[tokio::test]
async fn playground_is_served_only_if_enabled() {
    let plain = Server::with(|config| config.playground = Some(false)).await;
    let page = get(&plain, "/").await.text().await.unwrap();
    assert!(assets(&page).is_empty() && !page.contains("playground"), "{page}");

    let server = Server::with(|config| config.playground = Some(true)).await;
    let page = get(&server, "/").await.text().await.unwrap();
    assert_eq!(assets(&page).is_empty(), !playground::is_built(), "{page}");
    assert_eq!(
        page.contains("Node.js"),
        !playground::is_built(),
        "a build without the playground says how to build it"
    );
    for path in assets(&page) {
        assert_eq!(get(&plain, path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn assets_are_immutable_and_compressed() {
    let server = Server::with(|config| config.playground = Some(true)).await;
    let page = get(&server, "/").await.text().await.unwrap();
    for path in assets(&page) {
        let plain = get(&server, path).await;
        assert_eq!(plain.status(), 200, "{path}");
        assert_eq!(value(&plain, header::CACHE_CONTROL), "public, max-age=31536000, immutable", "{path}");
        assert_eq!(value(&plain, header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
        assert_eq!(value(&plain, header::VARY), "accept-encoding", "{path}");
        assert_eq!(value(&plain, header::CONTENT_ENCODING), "gzip", "{path}");
        let kind = value(&plain, header::CONTENT_TYPE).split(';').next().unwrap().to_owned();
        let expected = match path.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            _ => "text/plain",
        };
        assert_eq!(kind, expected, "{path}");
        let magic = [0x1f, 0x8b];
        assert!(plain.bytes().await.unwrap().starts_with(&magic), "{path}");

        let request = Client::new().get(server.url(path)).header(header::ACCEPT_ENCODING, "identity");
        assert_eq!(request.send().await.unwrap().status(), 406, "{path}");
    }
    for path in ["/playground/none.js", "/playground/", "/playground/..%2fpage.html", "/playground/index.html"] {
        assert_eq!(get(&server, path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn browser_that_opens_the_api_is_redirected_to_the_page() {
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let open = async |server: &Server, path: &str, accept: &str| {
        client.get(server.url(path)).header(header::ACCEPT, accept).send().await.unwrap()
    };
    let server = Server::start().await;
    for path in ["/graphql", "/graphql?"] {
        let response = open(&server, path, BROWSER).await;
        assert_eq!((response.status().as_u16(), value(&response, header::LOCATION)), (303, "/"), "{path}");
    }
    for (path, accept, status) in [
        ("/graphql?query=%7B__typename%7D", BROWSER, 200),
        ("/graphql", "*/*", 400),
        ("/graphql", "application/json", 400),
        ("/graphql", "text/html, application/json", 400),
        ("/graphql", "text/html;q=0", 406),
    ] {
        assert_eq!(open(&server, path, accept).await.status(), status, "{path} {accept}");
    }
    let below = Server::with(|config| config.public_url = "https://example.org/id".parse().ok()).await;
    assert_eq!(value(&open(&below, "/graphql", BROWSER).await, header::LOCATION), "/id/");
}

#[tokio::test]
async fn every_route_is_served_below_the_path_of_the_public_url_too() {
    for playground in [false, true] {
        let server = Server::with(|config| {
            config.public_url = "https://example.org/id".parse().ok();
            config.playground = Some(playground);
        })
        .await;
        for path in ["/", "/healthz", "/readyz", "/.well-known/jwks.json", "/graphql?query=%7B__typename%7D"] {
            for base in ["", "/id"] {
                assert_eq!(get(&server, &format!("{base}{path}")).await.status(), 200, "{base}{path}");
            }
            assert_eq!(get(&server, &format!("/idx{path}")).await.status(), 404);
        }
        for base in ["", "/id", "/id/"] {
            let page = get(&server, base).await.text().await.unwrap();
            let links: Vec<_> = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert!(links.len() > 2, "{page}");
            for link in links.into_iter().chain(page.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next()))
            {
                assert!(link.starts_with("/id/"), "{link}");
                assert_eq!(get(&server, link).await.status(), 200, "{link}");
            }
            assert!(!page.contains("{base}") && page.contains("/id/graphql"), "{page}");
        }
    }
}

#[tokio::test]
async fn playground_shows_a_notice_until_there_is_an_administrator() {
    let server = Server::with(|config| config.playground = Some(true)).await;
    let plain = Server::with(|config| config.playground = Some(false)).await;
    let page = get(&server, "/").await.text().await.unwrap();
    assert!(page.contains("no administrator") && page.contains("fieldguard admin create"), "{page}");
    let data = server.app.config().data_dir.display().to_string();
    assert!(!page.contains(&data), "the page shows no path of this machine");
    assert!(!get(&plain, "/").await.text().await.unwrap().contains("no administrator"));
    server.admin().await;
    let page = get(&server, "/").await.text().await.unwrap();
    assert!(!page.contains("no administrator") && !page.contains("{notice}"), "{page}");
}
