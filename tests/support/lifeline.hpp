#pragma once

#include <leat/actors/dataflow_plan.hpp>

#include <memory>
#include <utility>

namespace leat::testing {

/// Whether the process that a job stands for still lives. Cut, it says and hears nothing any more, whatever its actors
/// still do: that is a crash. Used by one thread.
using lifeline = std::shared_ptr<const bool>;

/// A reader that commits only while its process lives.
class mortal_reader final : public partition_reader {
public:
  mortal_reader(std::unique_ptr<partition_reader> inner, lifeline alive)
    : inner_{std::move(inner)}, alive_{std::move(alive)} {}

  read_status read(batch_base& out, batch<dead_letter>& rejected) override {
    return *alive_ ? inner_->read(out, rejected) : read_status::drained;
  }
  [[nodiscard]] std::int64_t position() const override { return inner_->position(); }
  [[nodiscard]] std::string evidence() const override { return inner_->evidence(); }
  void commit(std::int64_t position, timestamp settled) override {
    if (*alive_)
      inner_->commit(position, settled);
  }
  [[nodiscard]] std::int64_t lag() const override { return inner_->lag(); }
  [[nodiscard]] bool caught_up() const override { return inner_->caught_up(); }

private:
  const std::unique_ptr<partition_reader> inner_;
  const lifeline alive_;
};

class mortal_source final : public source {
public:
  mortal_source(std::shared_ptr<source> inner, lifeline alive) : inner_{std::move(inner)}, alive_{std::move(alive)} {}

  std::vector<partition> open(const connector_context& context) override { return inner_->open(context); }
  [[nodiscard]] position_store positions() const override { return inner_->positions(); }
  std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) override {
    return std::make_unique<mortal_reader>(inner_->make_reader(which, from, std::move(wake)), alive_);
  }
  void watch(const std::function<void(partition)>& on_new) override { inner_->watch(on_new); }
  [[nodiscard]] timestamp settled() const override { return inner_->settled(); }
  [[nodiscard]] std::optional<std::string> close(duration deadline) override { return inner_->close(deadline); }

private:
  const std::shared_ptr<source> inner_;
  const lifeline alive_;
};

/// A writer whose records arrive only while its process lives.
class mortal_writer final : public sink_writer {
public:
  mortal_writer(std::unique_ptr<sink_writer> inner, lifeline alive) : inner_{std::move(inner)}, alive_{std::move(alive)} {}

  std::size_t write(const batch_base& in, std::size_t from) override { return *alive_ ? inner_->write(in, from) : 0; }
  std::uint64_t mark() override { return inner_->mark(); }
  std::uint64_t delivered() override { return inner_->delivered(); }
  [[nodiscard]] std::uint64_t rejected() const override { return inner_->rejected(); }

private:
  const std::unique_ptr<sink_writer> inner_;
  const lifeline alive_;
};

/// A writer that has nothing sent once its process is dead. What was sent before may still arrive.
class mortal_transactional_writer final : public transactional_writer {
public:
  mortal_transactional_writer(std::unique_ptr<transactional_writer> inner, lifeline alive)
    : inner_{std::move(inner)}, alive_{std::move(alive)} {}

  void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) override {
    inner_->restore(checkpoint, std::move(logs));
  }
  [[nodiscard]] bool restored() override { return inner_->restored(); }
  std::size_t write(const batch_base& in, std::size_t from) override { return *alive_ ? inner_->write(in, from) : 0; }
  [[nodiscard]] epoch_room room() const override { return inner_->room(); }
  [[nodiscard]] std::string epoch_too_large() const override { return inner_->epoch_too_large(); }
  epoch_cut cut(std::uint64_t epoch) override { return inner_->cut(epoch); }
  epoch_cut finish(std::uint64_t epoch) override { return inner_->finish(epoch); }
  [[nodiscard]] bool prepared(std::uint64_t epoch) override { return *alive_ && inner_->prepared(epoch); }
  void commit(std::uint64_t epoch) override {
    if (*alive_)
      inner_->commit(epoch);
  }
  std::uint64_t committed() override { return inner_->committed(); }

private:
  const std::unique_ptr<transactional_writer> inner_;
  const lifeline alive_;
};

class mortal_sink final : public sink {
public:
  mortal_sink(std::shared_ptr<sink> inner, lifeline alive) : inner_{std::move(inner)}, alive_{std::move(alive)} {}

  void open(const connector_context& context) override { inner_->open(context); }
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override {
    return std::make_unique<mortal_writer>(inner_->make_writer(instance, parallelism, std::move(wake)), alive_);
  }
  std::unique_ptr<transactional_writer>
  make_transactional_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override {
    auto made = inner_->make_transactional_writer(instance, parallelism, std::move(wake));
    return made ? std::make_unique<mortal_transactional_writer>(std::move(made), alive_) : nullptr;
  }

private:
  const std::shared_ptr<sink> inner_;
  const lifeline alive_;
};

/// The plan with sources and sinks that hang on `alive`.
inline dataflow_plan mortal(dataflow_plan plan, const lifeline& alive) {
  for (auto& stage : plan.stages) {
    if (stage.source)
      stage.source = std::make_shared<mortal_source>(stage.source, alive);
    if (stage.sink)
      stage.sink = std::make_shared<mortal_sink>(stage.sink, alive);
  }
  return plan;
}

} // namespace leat::testing
