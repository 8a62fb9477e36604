#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/messages/letter_maker.hpp>
#include <leat/messages/partition.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Makes the dead letters of a step's function: of what the record was made of, or of the record as JSON when nobody knows that.
/// Counts them as `dead_letters` of the step, and what it looks at as `examined_records`.
///
/// In one actor.
class step_letters final : public letter_maker {
public:
  /// @param kept whether somebody takes the letters; otherwise they are counted and told only.
  /// @param from the partition whose records the actor reads itself; none: records come from other actors.
  /// @param logs whether to tell the log.
  step_letters(
    std::string step, std::uint32_t instance, bool kept, std::optional<partition> from, bool logs, metrics& registry);

  [[nodiscard]] dead_letter make(std::vector<std::string> why, const origin& from) override;
  [[nodiscard]] dead_letter
  make(std::vector<std::string> why, timestamp time, const encoded_type* type, std::string_view bytes) override;

  void on_records(std::size_t count) override { examined_.add(static_cast<std::int64_t>(count)); }

private:
  [[nodiscard]] dead_letter begin(std::vector<std::string> why) const;
  void tell(const dead_letter& letter);

  const std::string step_;
  const bool kept_;
  const std::optional<partition> from_;
  std::optional<refusal_log> log_;
  json_writer writer_;
  metric& refused_;
  metric& examined_;
};

} // namespace leat
