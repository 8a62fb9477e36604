#pragma once

#include <leat/connectors/formats/avro.hpp>
#include <leat/connectors/formats/protobuf.hpp>

namespace leat {

/// Records in Confluent's wire format: in front of each is the id of the schema that it was written with, which a schema registry
/// keeps (Confluent's, Apicurio's, Karapace, Redpanda's; settings `registry.*`). For values in topics of Kafka, subjects `<topic>-value`.
///
/// Reading: schemas come from the registry when the first record with their id does; records are read by Avro's rules of resolution,
/// from messages of Protobuf by the names of their fields. Records whose schema is not known yet wait, also as long as no registry
/// answers; those whose schema the registry does not have, or from which no record of this type can be read, go to dead letters.
///
/// Writing: when the job starts, the schema of the records is looked up. One that is not there is checked to be compatible with the
/// latest and registered, unless `registry.register` is false.
class registered_format : public format {
public:
  /// @param inner outlives this: `static constinit const avro_format shop{{.schema = …}};`
  constexpr explicit registered_format(const schema_format& inner) noexcept : inner_{&inner} {}

  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::shared_ptr<const format> opened(const format_use& where) const override;

  // Only what was opened knows a registry. These throw pipeline_error:
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override;

private:
  const schema_format* inner_;
};

/// The formats to name in a pipeline: `kafka::source<order>("orders", registered_avro)`.
inline constinit const registered_format registered_avro{avro};
inline constinit const registered_format registered_protobuf{protobuf};

} // namespace leat
