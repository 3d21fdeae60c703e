//! People came, or the configuration of a source changed: are the owners others now?
//!
//! A listing is dressed anew with each read. Everything else is looked through when what
//! it was resolved with is no longer what stands.

use domain::expiry::Subject;
use domain::inventory::{Credential, SOURCE_LABEL, State};
use domain::kernel::AuditId;
use domain::people::Directory;

use crate::ports::{
    Changes, CredentialFilter, CredentialSort, PageRequest, SourceState, StoreError, Write,
};
use crate::sources::SourceSettings;
use crate::{Context, Settings};

use super::dress::Dresser;
use super::event;

const PAGE: u32 = 500;

/// Looks through the source's credentials if people or settings changed since that was
/// last done, and answers the digest to remember. `dressed` says that this very read
/// told of everything. `None`: some could not be saved, and are tried at the next read.
pub(super) async fn again(
    ctx: &Context,
    source: &SourceState,
    dressed: bool,
) -> Result<Option<String>, StoreError> {
    let (directory, settings) = (ctx.store.directory().await?, ctx.settings.load_full());
    let own = settings.sources.get(&source.id);
    let digest = digest(&directory, own);
    let same = source.resolved_with.as_ref() == Some(&digest);
    if same || dressed || !source.imported {
        return Ok(Some(digest));
    }
    let all = through(ctx, source, &directory, &settings).await?;
    Ok(all.then_some(digest))
}

/// Any id's derivation is a digest; this one is never used as an id.
fn digest(directory: &Directory, settings: Option<&SourceSettings>) -> String {
    let persons = directory.persons.values();
    let persons: Vec<_> = persons.map(|p| (&p.id, &p.name, &p.email)).collect();
    let accounts = directory.service_accounts.values();
    let accounts: Vec<_> = accounts.map(|a| (&a.id, &a.name)).collect();
    let teams: Vec<_> = directory.teams.values().map(|t| (&t.id, &t.name)).collect();
    let text = format!("{persons:?} {accounts:?} {teams:?} {settings:?}");
    AuditId::derived(&["resolved", &text]).to_string()
}

async fn through(
    ctx: &Context,
    source: &SourceState,
    directory: &Directory,
    settings: &Settings,
) -> Result<bool, StoreError> {
    let own = settings.sources.get(&source.id);
    let mut dresser = Dresser::new(&source.id, own, directory, ctx.now());
    let filter = CredentialFilter {
        now: ctx.now(),
        source: Some(source.id.clone()),
        states: vec![
            State::Active,
            State::Suspended,
            State::UnknownEnd,
            State::Expired,
        ],
        sort: CredentialSort::Name,
        ..CredentialFilter::default()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut all = true;
    loop {
        let page = ctx.store.list_credentials(&filter, &request).await?;
        let known = page.items.into_iter().map(|(c, _)| c);
        let changed = known.filter_map(|c| changed(&mut dresser, own, c));
        all &= save(ctx, changed.collect()).await?;
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(all),
        }
    }
}

/// The credential as it should stand, if it stands otherwise.
fn changed(
    dresser: &mut Dresser<'_>,
    settings: Option<&SourceSettings>,
    known: Credential,
) -> Option<Credential> {
    let mut credential = known.clone();
    let told = match &known.facts {
        Some(_) => event::stored(&known).owner(),
        None => known.issuer_owner.clone(),
    };
    dresser.owner(&mut credential, told);
    // Where the settings name none, whoever told of it has said which one it is.
    let named = settings.is_some_and(|s| s.own_id.is_some());
    let own = !named && known.labels.contains_key(SOURCE_LABEL);
    dresser.rest(&mut credential, own);
    (credential != known).then_some(credential)
}

/// All in one commit. What somebody changed meanwhile is left for the next read.
async fn save(ctx: &Context, changed: Vec<Credential>) -> Result<bool, StoreError> {
    let now = ctx.now();
    let writes = changed.into_iter().flat_map(|credential| {
        let subject = Subject::Credential(credential.id.clone());
        let put = Write::PutCredential(Box::new(credential));
        [put, Write::DueAtLatest(subject, now)]
    });
    let (writes, audit) = (writes.collect::<Vec<_>>(), Vec::new());
    if writes.is_empty() {
        return Ok(true);
    }
    match ctx.store.commit(Changes { writes, audit }).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
