#pragma once

#include <leat/actors/exchange.hpp>

#include <memory>
#include <vector>

namespace leat {

/// All the ways out of one actor: its exchanges, whose channels are numbered through as `output_id`.
///
/// Lives in that actor; not thread-safe.
class task_outputs {
public:
  /// Adds the exchange whose first channel has the next free `output_id`.
  exchange& add(std::unique_ptr<exchange> next) { return *exchanges_.emplace_back(std::move(next)); }

  /// Credit has come back for channel `output`.
  /// @throws protocol_error for a channel that does not exist, or for more credit than was spent.
  void refund(output_id output, std::uint32_t batches);

  /// The exchange of edge `edge` of the stage, in their order; its dead letters' comes last.
  [[nodiscard]] exchange& of_edge(std::size_t edge) { return *exchanges_.at(edge); }

  /// Says something on all ways out.
  void on_signal(const signal& s);

  /// Has barrier `epoch` overtake what it waits behind, where it waits.
  void pull_forward(std::uint64_t epoch);

  /// Writes down the batches that the last barrier has overtaken, once, right after.
  void log_overtaken(in_flight_log& to);

  /// Whether every receiver has been told of barrier `epoch`, or of the end.
  [[nodiscard]] bool passed(std::uint64_t epoch) const noexcept;

  /// Whether anything waits on some way out.
  [[nodiscard]] bool backlogged() const noexcept;

  void flush();
  [[nodiscard]] bool flushable() noexcept;

private:
  template <class Visit>
  void each_channel(Visit&& visit) const {
    for (const auto& e : exchanges_)
      for (std::size_t i = 0; i < e->channels(); ++i)
        visit(e->channel(i));
  }

  std::vector<std::unique_ptr<exchange>> exchanges_;
};

} // namespace leat
