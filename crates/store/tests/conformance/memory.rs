//! What channels keep of alerts.

use app::ports::Write;
use domain::kernel::{AlertId, ChannelId};

use crate::claims;
use crate::given::{NOW, in_micros};
use crate::stage::put;

fn keep(channel: &str, alert: &str, value: Option<&str>) -> Write {
    Write::SetMemory {
        channel: ChannelId::parse(channel).unwrap(),
        alert: AlertId::parse(alert).unwrap(),
        value: value.map(str::to_owned),
    }
}

claims! {
    async fn a_channel_remembers_its_own_of_an_alert(store: Shared) {
        let (jira, chat) = (ChannelId::parse("jira").unwrap(), ChannelId::parse("chat").unwrap());
        let alert = AlertId::parse("alr_a").unwrap();
        assert_eq!(store.channel_memory(&jira, &alert).await.unwrap(), None);
        put(&store, vec![keep("jira", "alr_a", Some("OPS-1")), keep("chat", "alr_a", Some("17"))])
            .await
            .unwrap();
        put(&store, vec![keep("jira", "alr_a", Some("OPS-2"))]).await.unwrap();
        let kept = |channel| store.channel_memory(channel, &alert);
        assert_eq!(kept(&jira).await.unwrap().as_deref(), Some("OPS-2"));
        assert_eq!(kept(&chat).await.unwrap().as_deref(), Some("17"));
        put(&store, vec![keep("jira", "alr_a", None)]).await.unwrap();
        assert_eq!(kept(&jira).await.unwrap(), None);
        assert_eq!(kept(&chat).await.unwrap().as_deref(), Some("17"));
    }

    async fn memories_are_listed_by_alert_in_pages(store: Shared) {
        let channel = ChannelId::parse("jira").unwrap();
        let all = ["alr_a", "alr_b", "alr_c"].map(|alert| keep("jira", alert, Some(alert)));
        put(&store, all.to_vec()).await.unwrap();
        put(&store, vec![keep("chat", "alr_d", Some("x"))]).await.unwrap();
        let first = store.channel_memories(&channel, None, 2).await.unwrap();
        let names: Vec<&str> = first.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(names, ["alr_a", "alr_b"]);
        let rest = store.channel_memories(&channel, Some(&first[1].0), 2).await.unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].0.as_str(), "alr_c");
    }

    async fn what_was_kept_of_a_forgotten_alert_is_pruned(store: Shared) {
        put(&store, vec![keep("jira", "alr_a", Some("OPS-1"))]).await.unwrap();
        assert_eq!(store.prune(NOW, in_micros(0)).await.unwrap(), 1);
        let channel = ChannelId::parse("jira").unwrap();
        assert!(store.channel_memories(&channel, None, 9).await.unwrap().is_empty());
    }
}
