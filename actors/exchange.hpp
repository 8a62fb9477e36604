#pragma once

#include <leat/actors/output_channel.hpp>
#include <leat/operators/partitioner.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace leat {

/// The end of a chain where records leave the actor: divides each batch among the channels to the next stage.
///
/// Records gather in one open batch per channel. Full batches go at once; partly filled ones when the actor has nothing else
/// to do (`flush`), and before any signal, which must stand behind them. So batches are small when little comes and full
/// under load, without a timeout.
///
/// Lives in the sending actor; not thread-safe.
class exchange final : public receiver, private scatter_targets {
public:
  /// @param copies whether `how` sends records to more than one channel: then no barrier overtakes, as a record that has come
  /// to one receiver and not to another could not be sent again.
  /// @param origins whether somebody behind it asks what records were made of: otherwise nobody keeps that for them.
  exchange(
    std::unique_ptr<partitioner> how, std::vector<std::unique_ptr<output_channel>> channels, bool copies = false,
    bool origins = false);

  void on_batch(batch_ptr in) override;
  void on_signal(const signal& s) override;

  /// Has barrier `epoch` overtake what it waits behind, where it waits.
  void pull_forward(std::uint64_t epoch);

  /// Sends partly filled batches off where there is credit; the others go on filling.
  void flush();

  /// Whether `flush` would send something.
  [[nodiscard]] bool flushable() noexcept;

  [[nodiscard]] output_channel& channel(std::size_t i) { return *channels_[i]; }
  [[nodiscard]] std::size_t channels() const noexcept { return channels_.size(); }

private:
  void dispatch(std::size_t target, batch_ptr full) override;

  std::unique_ptr<partitioner> partitioner_;
  std::vector<std::unique_ptr<output_channel>> channels_;
  const bool copies_;
  const bool origins_;
};

} // namespace leat
