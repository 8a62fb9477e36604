#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/spec.hpp>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

namespace leat {

/// Writes each record as a line of a format, a single value as a line of its own, to a stream of the program, standard
/// output as a rule. Lines of several actors do not mix; text with line breaks in it takes several. What the format cannot
/// hold (NaN in JSON) is left out, with a warning in the log, and counts as a dead letter.
class console_sink final : public sink {
public:
  /// All three are kept by address: they stay as long as the sink and its writers, `to` open.
  console_sink(const format& as, const schema& of, std::FILE* to)
    : make_encoder_{[&as, &of] { return as.make_encoder(of); }}, to_{to} {}

  /// Text as it is, other values as JSON has them. What it is given stays as above; what `field_type_of` returns always
  /// does.
  console_sink(const field_type& of, std::FILE* to);

  void open(const connector_context& context) override {
    step_ = context.step;
    notes_ = context.metrics;
  }
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;

private:
  std::function<std::unique_ptr<encoder>()> make_encoder_;
  std::FILE* to_;
  std::string step_;
  metrics* notes_ = nullptr;
};

/// Describes the writing to the console; see `to_console`.
template <class T>
class console_spec {
public:
  using record = T;

  /// @param as null for single values.
  explicit console_spec(const format* as) : format_{as} {}

  // What `.sink(…)` asks:
  static constexpr bool named_by_default = true;
  [[nodiscard]] std::string name() const { return "console"; }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const {
    if constexpr (record_type<T>)
      return std::make_shared<console_sink>(*format_, schema_of<T>(), stdout);
    else
      return std::make_shared<console_sink>(field_type_of<T>(), stdout);
  }

private:
  const format* format_;
};

/// A sink that prints each record on a line of standard output, as JSON, and text as it is, line breaks included:
/// `.sink(to_console<alert>())`, `.sink(to_console<std::string>())`.
template <class T>
console_spec<T> to_console() {
  static_assert(
    record_type<T> || field_value<T>,
    "to_console<T>(): T has no description: add BOOST_DESCRIBE_STRUCT(T, (), (members…)) after it, in its own namespace. "
    "A type of a library, such as std::pair or std::map, cannot have one: make a struct of your own of it by .map(…) "
    "before");
  return console_spec<T>{record_type<T> ? &json : nullptr};
}

/// The same in another format.
template <class T>
console_spec<T> to_console(const format& as) {
  static_assert(
    record_type<T>, "to_console<T>(format): formats are of described structs; text and numbers are printed by "
                    "to_console<T>()");
  return console_spec<T>{&as};
}

} // namespace leat
