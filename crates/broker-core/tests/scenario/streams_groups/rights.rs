//! What an application may do depends on who runs it.

use rdkafka_wire::ErrorCode;

use super::{MISSING_INTERNAL_TOPICS, Member, describe, detail, statuses, topics};
use crate::acls::{ALICE, CREATE, DESCRIBE, GROUP, READ, TOPIC, allow, guarded};
use crate::topics::create_topic;

#[test]
fn an_application_gets_its_topics_if_its_client_may_create_them() {
    let mut cluster = guarded();
    create_topic(&mut cluster, "in", 2, &[]);
    cluster.principal = ALICE;
    let mut member = Member::new("m1", "p1");
    let of_group = ErrorCode::GROUP_AUTHORIZATION_FAILED;
    assert_eq!(member.refusal(&mut cluster), of_group);
    allow(&mut cluster, GROUP, "g", READ);
    let of_topic = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
    for name in ["in", "again", "counts"] {
        assert_eq!(member.refusal(&mut cluster), of_topic);
        allow(&mut cluster, TOPIC, name, DESCRIBE);
    }
    allow(&mut cluster, TOPIC, "again", CREATE);
    let answer = member.beat(&mut cluster);
    assert!(statuses(&answer).contains(&MISSING_INTERNAL_TOPICS));
    assert!(
        detail(&answer).ends_with("; Unauthorized to CREATE on topics counts."),
        "{answer:?}"
    );
    assert!(!topics(&mut cluster).contains(&("again".into(), 2)));
    allow(&mut cluster, TOPIC, "counts", CREATE);
    member.beat(&mut cluster);
    assert!(topics(&mut cluster).contains(&("counts".into(), 2)));
}

#[test]
fn a_group_is_shown_to_who_may_see_its_topics() {
    let mut cluster = guarded();
    create_topic(&mut cluster, "in", 2, &[]);
    Member::new("m1", "p1").beat(&mut cluster);
    cluster.principal = ALICE;
    allow(&mut cluster, GROUP, "g", DESCRIBE);
    for name in ["in", "again", "counts"] {
        let group = describe(&mut cluster);
        let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED.code();
        assert_eq!((group.error_code, group.members.len()), (code, 0));
        assert_eq!(group.topology, None);
        allow(&mut cluster, TOPIC, name, DESCRIBE);
    }
    let group = describe(&mut cluster);
    assert_eq!((group.error_code, group.members.len()), (0, 1));
}
