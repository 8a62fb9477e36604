#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/spec.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace leat {

/// Writes each record as a line of a format to a stream of the program, standard output as a rule. Lines of several actors
/// do not mix. What the format cannot hold (NaN in JSON) is left out, with a warning in the log, and counts as a dead letter.
class console_sink final : public sink {
public:
  /// @param to stays open as long as the sink.
  console_sink(const format& as, const schema& of, std::FILE* to) : format_{&as}, schema_{&of}, to_{to} {}

  void open(const connector_context& context) override {
    step_ = context.step;
    notes_ = context.metrics;
  }
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;

private:
  const format* format_;
  const schema* schema_;
  std::FILE* to_;
  std::string step_;
  metrics* notes_ = nullptr;
};

/// Describes the writing to the console; see `to_console`.
template <class T>
class console_spec {
public:
  using record = T;

  explicit console_spec(const format& as) : format_{&as} {}

  // What `.sink(…)` asks:
  static constexpr bool named_by_default = true;
  [[nodiscard]] std::string name() const { return "console"; }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const {
    return std::make_shared<console_sink>(*format_, schema_of<T>(), stdout);
  }

private:
  const format* format_;
};

/// A sink that prints each record on a line of standard output: `.sink(to_console<alert>())`.
template <class T>
console_spec<T> to_console(const format& as = json) {
  return console_spec<T>{as};
}

} // namespace leat
