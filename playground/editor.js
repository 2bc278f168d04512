// GraphiQL, with every request sent as whoever is signed in; and the start of the page.
"use strict";

// The content security policy lets no style element in but those with this nonce. The part of GraphiQL that keeps the
// page from scrolling behind a dialog looks for it under this name.
window.__webpack_nonce__ = document.querySelector("link[nonce]").nonce;

/** Shows GraphiQL in `root`, and the schema anew whenever somebody else is signed in or it is to be seen as another role. */
function startEditor(session, view, root) {
  function show() {
    // GraphiQL reads the schema again when it is given another function.
    const fetcher = async (request, options) => {
      try {
        const answer = await session.send(view.apply(request), options?.headers);
        await session.adopt(answer);
        return answer;
      } catch ({ message }) {
        // GraphiQL shows what is thrown with its stack.
        return { errors: [{ message }] };
      }
    };
    root.render(React.createElement(GraphiQL, {
      fetcher,
      defaultTabs: EXAMPLES,
      // What is typed may be a password: it stays in this tab of the browser, and is gone with it.
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
// A server that is away says so where its answer is missing.
session.check().catch(() => {});
