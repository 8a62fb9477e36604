#pragma once

#include <leat/connectors/formats/avro/avro_resolution.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/refusal.hpp>
#include <leat/connectors/formats/wire_bytes.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace leat {

/// Reads records from Avro's binary encoding, as a plan says. Belongs to one decoder; allocates nothing once its slots hold what the
/// widest record needs.
class avro_walker : private refusal {
public:
  /// Reads one record, which is all of `bytes`, over a stale one.
  /// @returns whether it could be read; otherwise `reason` says why, and the record is in no defined state.
  [[nodiscard]] bool read(const avro_plan& plan, std::string_view bytes, void* record);

  using refusal::reason; ///< why the last record could not be read

private:
  bool value(const avro_plan& plan, void* to);
  bool record(const avro_plan& plan, void* to);
  bool fill(const avro_plan::gap& gap, void* record);
  bool list(const avro_plan& plan, void* to);
  bool either(const avro_plan& plan, void* to);
  bool integer(const avro_plan& plan, void* to);
  bool text(const avro_plan& plan, std::string& to);
  bool time(const avro_plan& plan, timestamp& to);
  bool decimal_number(const avro_plan& plan, decimal& to);
  bool enumeration(const avro_plan& plan, void* to);
  bool skip(const avro_type& type);
  bool skip_elements(const avro_type& type);
  bool block(std::int64_t& count, const avro_type& of, std::int64_t& bytes);

  bool cut_off();

  wire_reader in_{{}};
  unsigned depth_ = 0;
};

/// Decodes records that were all written with one schema.
class avro_decoder final : public decoder {
public:
  /// @param reader see `avro_resolution`.
  avro_decoder(std::shared_ptr<const avro_schema> writer, const schema& of, std::shared_ptr<const avro_schema> reader);

  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override;

private:
  const std::shared_ptr<const avro_schema> writer_;
  const std::shared_ptr<const avro_schema> reader_;
  const avro_resolution plan_;
  avro_walker walker_;
};

} // namespace leat
