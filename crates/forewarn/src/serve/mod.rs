//! `forewarn serve`: wiring, start, reload, shutdown.

mod bootstrap;
mod build;
mod files;
mod heartbeat;
mod key_file;
mod listen;
mod logging;
mod provider;
mod quiet;
mod signals;
mod sources;
mod ways_out;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) use files::{backup, doctor, migrate};

use app::memory::StoredMemory;
use app::{Context, Settings};
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::{CliError, CliResult};
use crate::config::{Config, Flags};

/// Runs the server: API, pages, all workers.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  forewarn serve
  forewarn serve --demo
  forewarn serve --config /etc/forewarn.toml
  forewarn serve --database postgres://forewarn@db/forewarn --listen 0.0.0.0:8080")]
pub(crate) struct ServeArgs {
    /// The configuration; forewarn.toml in the working directory if it exists
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Address and port; port 0 lets the system choose
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where database, key file and lock file live
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Load a sample organisation; into a temporary directory unless told otherwise
    #[arg(long)]
    demo: bool,
    /// On the first start, write an Admin token valid for one day to this file
    #[arg(long, value_name = "PATH")]
    bootstrap_token_file: Option<PathBuf>,
}

/// What stays the same while the server runs.
struct Server {
    args: ServeArgs,
    environment: Vec<(String, String)>,
    demo_data: Option<PathBuf>,
}

pub(crate) fn run(args: ServeArgs) -> CliResult {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CliError::failed(format!("the runtime cannot start: {e}")))?;
    let server = Server::new(args)?;
    let result = runtime.block_on(server.run());
    // Workers were asked to stop; a stuck one must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result.map(|()| ExitCode::SUCCESS)
}

impl Server {
    fn new(args: ServeArgs) -> Result<Self, CliError> {
        let temporary = args.demo && args.data.is_none() && args.database.is_none();
        let demo_data = temporary.then(bootstrap::demo_directory).transpose()?;
        Ok(Self {
            args,
            environment: crate::config::process_environment(),
            demo_data,
        })
    }

    /// Reads the configuration; at start and on reload.
    fn config(&self) -> Result<Config, CliError> {
        let flags = Flags {
            config: self.args.config.clone(),
            listen: self.args.listen.clone(),
            data: self.args.data.clone().or_else(|| self.demo_data.clone()),
            database: self.args.database.clone(),
        };
        let mut config = crate::config::load(&flags, &self.environment)
            .map_err(|e| CliError::failed(e.to_string()))?;
        if self.args.demo {
            build::dress_for_demo(&mut config);
        }
        Ok(config)
    }

    async fn run(&self) -> Result<(), CliError> {
        let config = self.config()?;
        logging::start(&config);
        let listener = TcpListener::bind(&config.server.listen)
            .await
            .map_err(|e| {
                CliError::failed(format!(
                    "cannot listen on {}: {e}; choose another --listen",
                    config.server.listen
                ))
            })?;
        let address = listener
            .local_addr()
            .map_err(|e| CliError::failed(e.to_string()))?;
        let bound = format!("http://{address}");
        let egress = build::egress(&config)?;
        let ctx = Arc::new(self.context(&config, &egress, &bound).await?);
        app::setup::prepare(&ctx)
            .await
            .map_err(|e| CliError::failed(e.to_string()))?;
        let loaded = self.args.demo && crate::demo::load(&ctx).await?;
        let (_, followed) = app::feed::load_index(&ctx)
            .await
            .map_err(|e| CliError::failed(e.to_string()))?;
        bootstrap::write_token_once(&ctx, self.args.bootstrap_token_file.as_deref()).await?;
        if loaded {
            crate::demo::issue_tokens(&ctx).await?;
        }
        let stop = CancellationToken::new();
        let equipment = build::equipment(&config, &egress, followed)?;
        ctx.provider.store(Arc::new(provider::open(
            &config,
            &egress,
            &ctx,
            &self.environment,
        )?));
        let opened = sources::open(&config, &egress, &ctx.clock, &self.environment)?;
        let mut settings = Settings::clone(&ctx.settings.load());
        opened.add_to(&mut settings.sources);
        ctx.settings.store(Arc::new(settings));
        opened.put_to_use(&ctx).await?;
        let front = build::front(&ctx, &config);
        let signals = signals::listen()
            .map_err(|e| CliError::failed(format!("signals cannot be heard: {e}")))?;
        bootstrap::announce(&ctx, &bound).await?;
        let workers = worker::start(&ctx, equipment, &stop);
        let seats = listen::Seats::new(config.server.connections_max);
        let serving = tokio::spawn(listen::serve(listener, front, seats, stop.clone()));
        signals
            .wait(&stop, async || self.reload(&ctx, &egress, &bound).await)
            .await;
        // Requests end first, then the workers, so that what they noted is flushed.
        drop(serving.await);
        workers.stop().await;
        tracing::info!("stopped");
        Ok(())
    }

    async fn context(
        &self,
        config: &Config,
        egress: &egress::Egress,
        bound: &str,
    ) -> Result<Context, CliError> {
        let store = build::store(config).await?;
        let verifier = build::verifier(config, store.as_ref()).await?;
        let memory = Arc::new(StoredMemory::new(Arc::clone(&store)));
        let channels = ways_out::channels(config, egress, &self.environment, memory)?;
        let ctx = Context::new(
            store,
            Arc::new(crate::system::SystemClock),
            Arc::new(crate::system::SystemRandom),
            Arc::new(verifier),
            build::settings(config, bound)?,
            channels,
        );
        ctx.wording.store(Arc::new(ways_out::wording(config)?));
        Ok(ctx)
    }

    /// A bad file keeps the old configuration; what cannot change while running
    /// (address, database) waits for the next start.
    async fn reload(&self, ctx: &Context, egress: &egress::Egress, bound: &str) {
        match self.replace(ctx, egress, bound).await {
            Ok(()) => tracing::info!("configuration reloaded"),
            Err(error) => {
                tracing::error!(error = %error, "configuration not reloaded; the old one stays")
            }
        }
    }

    /// Everything is made before anything is replaced.
    async fn replace(
        &self,
        ctx: &Context,
        egress: &egress::Egress,
        bound: &str,
    ) -> Result<(), CliError> {
        let config = self.config()?;
        let memory = Arc::new(StoredMemory::new(Arc::clone(&ctx.store)));
        let channels = ways_out::channels(&config, egress, &self.environment, memory)?;
        let mut settings = build::settings(&config, bound)?;
        let wording = ways_out::wording(&config)?;
        let vouches = provider::open(&config, egress, ctx, &self.environment)?;
        let sources = sources::open(&config, egress, &ctx.clock, &self.environment)?;
        sources.add_to(&mut settings.sources);
        sources.put_to_use(ctx).await?;
        ctx.wording.store(Arc::new(wording));
        ctx.provider.store(Arc::new(vouches));
        ctx.settings.store(Arc::new(settings));
        ctx.channels.store(Arc::new(channels));
        ctx.sweep_wanted.notify_one();
        Ok(())
    }
}
