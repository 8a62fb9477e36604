#pragma once

#include <leat/connectors/event_time.hpp>
#include <leat/connectors/sink.hpp>
#include <leat/connectors/source.hpp>

#include <concepts>
#include <memory>
#include <string>

namespace leat {

/// What `.source(…)` takes: a typed description of a source, such as `kafka::source<T>(…)` returns. One that is derived from
/// `aligned_spec` can wait for other sources.
template <class Spec>
concept source_spec = requires(const Spec& s) {
  typename Spec::record;
  { s.name() } -> std::convertible_to<std::string>; // of the step, unless it is named
  { s.make_source() } -> std::convertible_to<std::shared_ptr<source>>;
  { s.make_dead_letters() } -> std::convertible_to<std::shared_ptr<sink>>; // null: what cannot be decoded is counted only
  { s.watermarks() } -> std::convertible_to<watermark_rule>;
};

/// What `.sink(…)` takes: a typed description of a sink, such as `kafka::sink<T>(…)` returns.
template <class Spec>
concept sink_spec = requires(const Spec& s) {
  typename Spec::record;
  { s.name() } -> std::convertible_to<std::string>;
  { s.make_sink() } -> std::convertible_to<std::shared_ptr<sink>>;
  { s.guarantee() } -> std::same_as<delivery>;
};

} // namespace leat
