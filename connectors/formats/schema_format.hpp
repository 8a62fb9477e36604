#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/value_printer.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// The schema that records were written with, as whoever wrote them says.
struct writer_schema {
  /// A schema that another one names.
  struct other {
    std::string name; ///< by which it is named: in Protobuf the path of the import
    std::string text;
  };

  std::string text;
  std::vector<other> beside{}; ///< what it names, each behind those that it names itself
  std::vector<int> message{}; ///< Protobuf: the place of the message in its file, then of the one in that; empty: the first
};

/// A format in which bytes say nothing without the schema that they were written with, so that this is known beside them.
class schema_format : public format {
public:
  /// The kind of schema, as schema registries call it: "AVRO".
  [[nodiscard]] virtual std::string_view schema_kind() const noexcept = 0;

  /// The schema that records are written with.
  /// @throws pipeline_error when the record type has a field that the format cannot hold.
  [[nodiscard]] virtual std::string schema_text(const schema& of) const = 0;

  /// Where in the schema that records are written with the type of the records is, as `writer_schema::message` has it. Empty:
  /// a schema is one type.
  [[nodiscard]] virtual std::vector<int> message_place(const schema& of) const {
    (void)of;
    return {};
  }

  /// A decoder of records that were written with another schema.
  /// @throws config_error, pipeline_error or connector_error when it cannot be understood, or records cannot be read so.
  [[nodiscard]] virtual std::unique_ptr<decoder> make_decoder_of(const writer_schema& written, const schema& of) const = 0;

  /// Shows values that were written with a schema, for which there may be no record type.
  /// @throws config_error when the schema cannot be understood.
  [[nodiscard]] virtual std::unique_ptr<value_printer> make_printer(const writer_schema& written) const = 0;

  /// An encoder that puts the same bytes before each record.
  [[nodiscard]] virtual std::unique_ptr<encoder> make_encoder_behind(std::string prefix, const schema& of) const = 0;
};

} // namespace leat
