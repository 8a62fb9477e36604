#include <leat/actors/time/watermark_aligner.hpp>

namespace leat {

caf::behavior watermark_aligner_state::make_behavior() {
  return {
    [this](align_source& joined) {
      auto& group = groups_[joined.group];
      members_.emplace(joined.id, member{std::move(joined.source), joined.group});
      tell(group.add(joined.id, joined.max_drift));
    },
    [this](const watermark_report& report) {
      auto& group = groups_.at(members_.at(report.source).group);
      if (report.ended)
        members_.erase(report.source);
      tell(group.on_report(report));
    },
  };
}

void watermark_aligner_state::tell(const std::vector<alignment_group::news>& what) {
  for (const auto& [source, limit] : what)
    self_->send<caf::message_priority::high>(members_.at(source).actor, watermark_limit{limit});
}

caf::behavior watermark_aligner(caf::stateful_actor<watermark_aligner_state>* self, aligner_start) {
  self->state.init(self);
  return self->state.make_behavior();
}

} // namespace leat
