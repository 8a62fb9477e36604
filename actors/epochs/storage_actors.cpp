#include <leat/actors/epochs/storage_actors.hpp>

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace leat {

caf::behavior checkpoint_store_actor(caf::event_based_actor* self, const std::shared_ptr<checkpoint_storage>& storage) {
  const auto tidying = std::make_shared<bool>(false);
  return {
    [storage, self, tidying](const store_checkpoint& request) {
      checkpoint_outcome outcome{request.what->epoch, {}};
      try {
        storage->store(*request.what);
      } catch (const std::exception& e) {
        outcome.failure = e.what();
      }
      self->send(caf::actor_cast<caf::actor>(self->current_sender()), std::move(outcome));
      if (!std::exchange(*tidying, true))
        self->send(self, tidy_store{});
    },
    [storage, self, tidying](tidy_store) {
      try {
        *tidying = storage->tidy();
      } catch (const std::exception& e) {
        *tidying = false;
        spdlog::error("the store of checkpoints cannot be tidied up: {}", e.what());
      }
      if (*tidying)
        self->send(self, tidy_store{});
    },
  };
}

void copy_savepoint(
  caf::event_based_actor*, const std::shared_ptr<checkpoint_storage>& storage, const std::vector<take_savepoint>& requests,
  const std::shared_ptr<std::atomic<std::size_t>>& under_way) {
  savepoint_outcome outcome;
  try {
    outcome.path = storage->save();
  } catch (const std::exception& e) {
    outcome.failure = e.what();
  }
  --*under_way;
  for (const auto& request : requests)
    request.answer->set_value(outcome);
}

void copy_retained(
  caf::event_based_actor* self, const std::shared_ptr<checkpoint_storage>& storage, std::size_t count,
  const caf::actor& coordinator) {
  try {
    storage->retain(count);
  } catch (const std::exception& e) {
    spdlog::warn("a checkpoint could not be retained: {}. The job and its last checkpoint are not concerned", e.what());
  }
  self->send(coordinator, checkpoint_retained{});
}

} // namespace leat
