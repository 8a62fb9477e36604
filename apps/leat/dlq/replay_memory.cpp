#include <leat/apps/leat/dlq/replay_memory.hpp>

#include <leat/connectors/kafka/blocking/group_view.hpp>
#include <leat/connectors/kafka/wire/replay_metadata.hpp>

namespace leat::cli {

replay_memory::replay_memory(
  const settings& config, const cluster_view& on, const topic_facts& topic, const std::string& group)
  : stored_{config, group} {
  for (const auto& range : on.ranges(topic.all()))
    sent_[range.of].skip_to(range.begin);
  for (const auto& committed : committed_by(on, group))
    if (const auto found = sent_.find(committed.of); found != sent_.end()) {
      const auto begin = found->second.next();
      found->second = {committed.next, committed.metadata};
      found->second.skip_to(begin);
    }
  planned_ = sent_;
}

bool replay_memory::contains(const partition& of, std::int64_t offset) const { return sent_.at(of).contains(offset); }

/// Half of what there is room for: the text is longer when some are refused between others that were sent.
bool replay_memory::plan(const partition& of, std::int64_t offset) {
  auto& planned = planned_.at(of);
  planned.add(offset);
  return planned.metadata().size() <= replay_metadata::longest / 2;
}

void replay_memory::add(const partition& of, std::int64_t offset) {
  sent_.at(of).add(offset);
  changed_.insert(of);
}

void replay_memory::store() {
  std::vector<group_position> all;
  for (const auto& of : changed_)
    all.push_back({of, sent_.at(of).next(), sent_.at(of).metadata()});
  stored_.store(all);
  changed_.clear();
}

} // namespace leat::cli
