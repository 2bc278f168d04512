//! What a program serves: a schema and the catalogue of its permissions. All commands that read or print either get it
//! from here, so that the program of an adopter uses its own.

use std::sync::Arc;

use async_graphql::{ObjectType, SDLExportOptions, SchemaBuilder, SubscriptionType};
use axum::Router;
use fieldguard_api as api;
use fieldguard_api::CONVENTIONS;
use fieldguard_guard::{
    access::Table,
    caller::Caller,
    execute::Executor,
    registry::{self, Row},
    settings::Settings,
};

use crate::{
    app::{App, Error},
    domain::{
        permission::{self, Catalogue},
        principal::Principal,
        role::{Role, make_administrator, unknown_permissions},
    },
};

/// The callers that access tables have columns for: an anonymous one, and for each role a principal with only that
/// role.
pub type Columns = Vec<(String, Caller)>;

/// The column name for callers who are not signed in.
const ANONYMOUS: &str = "anonymous";

/// Prints a schema in SDL: the whole schema, or the part that a caller can see.
type Print = dyn Fn(Option<&Caller>) -> String + Send + Sync;
/// Creates the routes of a server.
type Routes = dyn Fn(&App) -> Result<Router, Error> + Send + Sync;

/// A schema with its permissions.
#[derive(Clone)]
pub struct Program {
    catalogue: Catalogue,
    print: Arc<Print>,
    rows: Arc<dyn Fn() -> Vec<Row> + Send + Sync>,
    executor: Arc<dyn Fn(Settings) -> Executor + Send + Sync>,
    router: Arc<Routes>,
}

impl Program {
    /// The program that serves the schema that `schema` creates. `catalogue` must contain every permission of the
    /// schema: others cannot be granted.
    ///
    /// ```
    /// use fieldguard::{api, app::commands::Program, domain::permission};
    ///
    /// let program = Program::new(permission::builtin(), api::schema);
    /// assert!(program.schema(None).contains("type Query"));
    /// ```
    #[must_use]
    pub fn new<Q, M, S>(catalogue: Catalogue, schema: fn() -> SchemaBuilder<Q, M, S>) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        Self {
            catalogue,
            print: Arc::new(move |caller| {
                let schema = registry::complete(schema(), &CONVENTIONS);
                sdl(match caller {
                    None => schema,
                    Some(caller) => registry::restrict(schema, caller.rules()),
                })
            }),
            rows: Arc::new(move || registry::inspect(registry::complete(schema(), &CONVENTIONS), registry::rows).1),
            executor: Arc::new(move |settings| Executor::new(registry::complete(schema(), &CONVENTIONS), settings)),
            router: Arc::new(move |app| app.router(schema())),
        }
    }

    /// Fieldguard itself.
    #[must_use]
    pub fn builtin() -> Self {
        Self::new(permission::builtin(), api::schema)
    }

    /// The schema in SDL, sorted: the whole schema, or the part that a caller can see.
    #[must_use]
    pub fn schema(&self, caller: Option<&Caller>) -> String {
        (self.print)(caller)
    }

    /// The access table of the schema for these roles. A permission that the catalogue does not know opens no field of
    /// this schema, but may open one of another program on the same database. It has its own line.
    #[must_use]
    pub fn access_table(&self, roles: &[Role]) -> Table {
        let unknown = unknown_permissions(roles, &self.catalogue).into_iter().map(|permission| {
            let holds = |role: &Role| {
                let role = std::slice::from_ref(role);
                make_administrator(role) || unknown_permissions(role, &self.catalogue).contains(&permission)
            };
            (unknown_permission(&permission), std::iter::once(false).chain(roles.iter().map(holds)).collect())
        });
        Table::new(&(self.rows)(), &self.columns(roles)).and_held(unknown.collect())
    }

    /// The columns for these roles.
    #[must_use]
    pub fn columns(&self, roles: &[Role]) -> Columns {
        let anonymous = (ANONYMOUS.to_owned(), Caller::default());
        let holder = |role: &Role| (role.name.as_str().to_owned(), Principal::holder_of(role, &self.catalogue).into());
        std::iter::once(anonymous).chain(roles.iter().map(holder)).collect()
    }

    /// An executor of the schema that has no data: it explains documents, and runs none.
    pub(in crate::app) fn executor(&self, settings: Settings) -> Executor {
        (self.executor)(settings)
    }

    pub(in crate::app) fn catalogue(&self) -> Catalogue {
        self.catalogue.clone()
    }

    pub(in crate::app) fn router(&self, app: &App) -> Result<Router, Error> {
        (self.router)(app)
    }
}

/// The label of a permission that the catalogue does not know.
pub(super) fn unknown_permission(name: &str) -> String {
    format!("{name} (not known to this program)")
}

fn sdl<Q, M, S>(schema: SchemaBuilder<Q, M, S>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    schema.finish().sdl_with_options(options)
}
