// GraphiQL, whose requests have the access token of the signed-in user, and the start of the page.
"use strict";

// The content security policy allows only style elements with this nonce. The part of GraphiQL that keeps the page from
// scrolling behind a dialog reads it from this variable.
window.__webpack_nonce__ = document.querySelector("link[nonce]").nonce;

/** Shows GraphiQL in `root`. Reloads the schema when the signed-in user or the viewed role changes. */
function startEditor(session, view, root) {
  function show() {
    // GraphiQL reloads the schema when it gets a new fetcher.
    const fetcher = async (request, options) => {
      try {
        const answer = await session.send(view.apply(request), options?.headers);
        await session.adopt(answer);
        return answer;
      } catch ({ message }) {
        // GraphiQL would show a thrown error with its stack.
        return { errors: [{ message }] };
      }
    };
    root.render(React.createElement(GraphiQL, {
      fetcher,
      defaultTabs: EXAMPLES,
      // Queries may contain passwords, so they are stored only for this tab.
      storage: sessionStorage,
      defaultEditorToolsVisibility: "variables",
      inputValueDeprecation: true,
    }, React.createElement(GraphiQL.Logo, null, " ")));
  }
  session.addEventListener("change", show);
  view.addEventListener("change", show);
  show();
}

const session = new Session();
startPanel(session);
startEditor(session, new SchemaView(session), ReactDOM.createRoot(document.getElementById("editor")));
// If the server can't be reached, the editor shows that in place of the answer.
session.check().catch(() => {});
