//! The `roundrobin` assignor: lays out all partitions of all topics by name and deals them in turn to the
//! members, skipping those not subscribed to the topic at hand. Pure code, on the driver task.

use super::{Assignment, Member, Topic, add, member_order};

pub(super) fn assign(members: &[Member], topics: &[Topic]) -> Vec<Assignment> {
    let mut assignments = vec![Assignment::new(); members.len()];
    let order = member_order(members);
    let mut topics: Vec<&Topic> = topics.iter().collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));

    let mut next = 0; // the position after the member served last, kept over topics
    for topic in topics {
        if !members
            .iter()
            .any(|member| member.topics.contains(&topic.name))
        {
            continue;
        }
        for partition in 0..topic.partitions.len() {
            while !members[order[next % order.len()]]
                .topics
                .contains(&topic.name)
            {
                next += 1;
            }
            add(
                &mut assignments[order[next % order.len()]],
                &topic.name,
                partition,
            );
            next += 1;
        }
    }
    assignments
}
