#include <leat/apps/leat/dlq/replay_memory.hpp>

#include <leat/connectors/kafka/wire/replay_metadata.hpp>

#include <algorithm>
#include <utility>

namespace leat::cli {

replay_memory::replay_memory(
  const cluster_view& on, const topic_facts& topic, const std::vector<committed_offset>& committed) {
  for (const auto& range : on.ranges(topic.all()))
    sent_[range.of].skip_to(range.begin);
  for (const auto& c : committed)
    if (const auto found = sent_.find(c.of); found != sent_.end()) {
      const auto begin = found->second.next();
      found->second = {c.next, c.metadata};
      found->second.skip_to(begin);
    }
}

bool replay_memory::contains(const partition& of, std::int64_t offset) const { return sent_.at(of).contains(offset); }

const replayed_offsets& replay_memory::planned_of(const partition& of) const {
  const auto known = planned_.find(of);
  return known == planned_.end() ? sent_.at(of) : known->second;
}

/// Half of what there is room for: the text is longer when some are refused between others that were sent.
bool replay_memory::fits(const partition& of, std::int64_t offset) const {
  auto with = planned_of(of);
  const auto before = with.metadata().size();
  with.add(offset);
  return with.metadata().size() <= std::max(before, replay_metadata::longest / 2);
}

void replay_memory::plan(const partition& of, std::int64_t offset) {
  planned_.try_emplace(of, sent_.at(of)).first->second.add(offset);
}

std::vector<group_position> replay_memory::planned() const {
  std::vector<group_position> all;
  for (const auto& [of, offsets] : planned_)
    all.push_back({of, offsets.next(), offsets.metadata()});
  return all;
}

void replay_memory::keep() {
  for (auto& [of, offsets] : planned_)
    sent_.at(of) = std::move(offsets);
  planned_.clear();
}

void replay_memory::drop() { planned_.clear(); }

} // namespace leat::cli
