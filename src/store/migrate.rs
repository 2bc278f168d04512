//! Brings the database to the schema this program knows. The steps themselves are in `migration/`.

use fieldguard_migration::{Migrator, MigratorTrait};
use sea_orm::DatabaseTransaction;

use super::{Error, Store};

/// The advisory lock that replicas starting at once line up at. Any number will do that nobody else uses.
const LOCK: i64 = 0x6669_656c_6467_7561;

impl Store {
    /// Applies the steps that are missing, all or none. Others who do the same at the same time wait and then find nothing
    /// to do.
    ///
    /// # Errors
    ///
    /// [`Error::Newer`] where the database has steps this program does not know; it is left as it is.
    pub async fn migrate(&self) -> Result<(), Error> {
        let tx = self.write().await?;
        tx.without_timeout().await?;
        tx.lock(LOCK).await?;
        refuse_newer(tx.connection()).await?;
        // The steps' own transactions are savepoints in this one, which holds the lock.
        Migrator::up(tx.connection(), None).await?;
        tx.commit().await
    }
}

async fn refuse_newer(connection: &DatabaseTransaction) -> Result<(), Error> {
    let known = Migrator::migrations();
    let applied = Migrator::get_migration_models(connection).await?;
    let is_known = |version: &str| known.iter().any(|step| step.name() == version);
    if applied.iter().all(|step| is_known(&step.version)) { Ok(()) } else { Err(Error::Newer) }
}
