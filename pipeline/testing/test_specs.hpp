#pragma once

#include <leat/base/error.hpp>
#include <leat/connectors/timed_spec.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// What a `test_run` feeds: it cannot be opened.
class test_source final : public source {
public:
  explicit test_source(std::shared_ptr<const timestamp_assigner> times) : times_{std::move(times)} {}

  std::vector<partition> open(const connector_context& context) override {
    throw pipeline_error{"source '" + context.step + "' is an input of a test: run the job in a leat::testing::test_run"};
  }
  std::unique_ptr<partition_reader> make_reader(const partition&, std::optional<std::int64_t>, waker) override {
    return nullptr;
  }
  [[nodiscard]] std::shared_ptr<const timestamp_assigner> event_times() const override { return times_; }

private:
  const std::shared_ptr<const timestamp_assigner> times_;
};

/// What a `test_run` reads: it cannot be opened.
class test_sink final : public sink {
public:
  void open(const connector_context& context) override {
    throw pipeline_error{"sink '" + context.step + "' is an output of a test: run the job in a leat::testing::test_run"};
  }
  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override { return nullptr; }
};

/// Describes a source of a job that is written for a test; see `input`.
template <class T>
class input_spec final : public timed_spec<input_spec<T>, T> {
public:
  explicit input_spec(std::string name) : timed_spec<input_spec, T>{std::move(name)} {}
  [[nodiscard]] std::shared_ptr<source> make_source() const { return std::make_shared<test_source>(this->times_); }
};

/// Describes a sink of a job that is written for a test; see `output`.
template <class T>
class output_spec {
public:
  using record = T;
  explicit output_spec(std::string name) : name_{std::move(name)} {}

  // What `.sink(…)` asks:
  [[nodiscard]] std::string name() const { return name_; }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const { return std::make_shared<test_sink>(); }

private:
  std::string name_;
};

/// A source for a job that is written for a test: `job.source(testing::input<word>("words"))`; with `.event_time(&word::at)`
/// when the test should not have to say the times.
template <class T>
input_spec<T> input(std::string name) {
  return input_spec<T>{std::move(name)};
}

/// A sink for such a job: `.sink(testing::output<count>("counts"))`.
template <class T>
output_spec<T> output(std::string name) {
  return output_spec<T>{std::move(name)};
}

} // namespace leat::testing
