#pragma once

#include "crash_point.hpp"

#include <leat/actors/dataflow_plan.hpp>
#include <leat/connectors/sink.hpp>
#include <leat/persistence/checkpoint_storage.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace leat::testing {

/// Passes "cut" before its epoch ends, "told" when its checkpoint is durable, "acknowledged" before anybody hears that it is out.
class crashing_writer final : public transactional_writer {
public:
  explicit crashing_writer(std::unique_ptr<transactional_writer> inner) : inner_{std::move(inner)} {}

  void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) override {
    pass_restore_begun();
    inner_->restore(checkpoint, std::move(logs));
  }
  [[nodiscard]] bool restored() override {
    if (!restored_ && inner_->restored()) {
      restored_ = true;
      pass_restored();
    }
    return restored_;
  }
  std::size_t write(const batch_base& in, std::size_t from) override { return inner_->write(in, from); }
  [[nodiscard]] epoch_room room() const override { return inner_->room(); }
  [[nodiscard]] std::string epoch_too_large() const override { return inner_->epoch_too_large(); }
  epoch_cut cut(std::uint64_t epoch) override {
    pass("cut");
    return inner_->cut(epoch);
  }
  epoch_cut finish(std::uint64_t epoch) override {
    pass("cut");
    return inner_->finish(epoch);
  }
  [[nodiscard]] bool prepared(std::uint64_t epoch) override { return inner_->prepared(epoch); }
  void commit(std::uint64_t epoch) override {
    pass("told");
    told_ = true;
    inner_->commit(epoch);
  }
  std::uint64_t committed() override {
    const auto epoch = inner_->committed();
    if (std::exchange(committed_, epoch) != epoch && told_)
      pass("acknowledged");
    return epoch;
  }
  [[nodiscard]] std::uint64_t rejected() const override { return inner_->rejected(); }

private:
  const std::unique_ptr<transactional_writer> inner_;
  bool restored_ = false;
  bool told_ = false;
  std::uint64_t committed_ = 0;
};

class crashing_sink final : public sink {
public:
  explicit crashing_sink(std::shared_ptr<sink> inner) : inner_{std::move(inner)} {}

  void open(const connector_context& context) override { inner_->open(context); }
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override {
    return inner_->make_writer(instance, parallelism, std::move(wake));
  }
  std::unique_ptr<transactional_writer>
  make_transactional_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override {
    return std::make_unique<crashing_writer>(inner_->make_transactional_writer(instance, parallelism, std::move(wake)));
  }
  [[nodiscard]] std::string dead_letters_in() const override { return inner_->dead_letters_in(); }

private:
  const std::shared_ptr<sink> inner_;
};

/// Passes "complete" with a checkpoint that all actors have handed over, "stored" when it is durable and nobody knows, "folding" and
/// "folded" around a fold, "read" when a restart has read the last one.
class crashing_storage final : public checkpoint_storage {
public:
  explicit crashing_storage(std::unique_ptr<checkpoint_storage> inner) : inner_{std::move(inner)} {}

  void describe(checkpoint_manifest job, std::set<std::string> dropped) override {
    inner_->describe(std::move(job), std::move(dropped));
  }
  void store(const complete_checkpoint& what) override {
    pass_storing();
    inner_->store(what);
    pass_stored();
  }
  bool tidy() override {
    pass_folding();
    const bool more = inner_->tidy();
    pass_folded();
    return more;
  }
  [[nodiscard]] std::unique_ptr<stored_entries> entries_of(const std::string& uid, std::uint32_t max_parallelism) override {
    return inner_->entries_of(uid, max_parallelism);
  }
  [[nodiscard]] std::optional<stored_checkpoint> last() override {
    auto found = inner_->last();
    if (found)
      found->visit = [read = std::move(found->visit)](const entry_visitor& visit) {
        read(visit);
        pass("read");
      };
    return found;
  }
  [[nodiscard]] std::string save() override { return inner_->save(); }
  void retain(std::size_t count) override { inner_->retain(count); }

private:
  const std::unique_ptr<checkpoint_storage> inner_;
};

/// A step that lets everything through: passes `barrier` before a barrier goes on, and `snapshot` when it is to say what it keeps.
class crashing_step final : public step {
public:
  crashing_step(step_context context, std::string barrier, std::string snapshot)
    : step{std::move(context)}, barrier_{std::move(barrier)}, snapshot_{std::move(snapshot)} {}

  void on_batch(batch_ptr in) override { emit(std::move(in)); }
  void on_signal(const signal& s) override {
    if (s.kind == signal_kind::barrier)
      pass(barrier_);
    emit(s);
  }
  void save(state_writer&) const override { pass(snapshot_); }

private:
  const std::string barrier_, snapshot_;
};

/// Puts a `crashing_step` in front of the steps of a stage: "NAME-barrier" and "NAME-snapshot".
inline void put_crashing_step(stage_plan& stage, const std::string& name) {
  for (auto& s : stage.steps)
    s.parent = s.parent == stage_head ? 0 : s.parent + 1;
  for (auto& e : stage.edges)
    e.from_step = e.from_step == stage_head ? 0 : e.from_step + 1;
  step_plan first;
  first.name = "crashing-" + stage.name;
  first.uid = "crashing-" + (stage.steps.empty() ? stage.name : uid_of(stage.steps.front()));
  first.make = [name](step_context c) {
    return std::make_unique<crashing_step>(std::move(c), name + "-barrier", name + "-snapshot");
  };
  stage.steps.insert(stage.steps.begin(), std::move(first));
}

} // namespace leat::testing
