#include <leat/actors/time/time_collector.hpp>

#include <algorithm>
#include <utility>

namespace leat {

void time_collector_state::init(caf::event_based_actor* self, time_collection what) {
  self_ = self;
  what_ = std::move(what);
  missing_ = what_.actors.size();
  for (const auto& actor : what_.asked)
    self_->send<caf::message_priority::high>(actor, tell_time{self_});
  self_->delayed_send(self_, what_.patience, stop_waiting{});
}

caf::behavior time_collector_state::make_behavior() {
  return {
    [this](const actor_time& said) {
      const auto at = std::ranges::find(what_.actors, said.actor, &located_time::actor);
      at->said = said;
      if (--missing_ == 0)
        finish();
    },
    [this](stop_waiting) { finish(); },
  };
}

void time_collector_state::finish() {
  what_.answer->set_value(make_time_report(*what_.plan, what_.actors, what_.registry->samples()));
  self_->quit();
}

caf::behavior time_collector(caf::stateful_actor<time_collector_state>* self, time_collection what) {
  self->state.init(self, std::move(what));
  return self->state.make_behavior();
}

} // namespace leat
