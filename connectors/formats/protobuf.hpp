#pragma once

#include <leat/connectors/formats/protobuf/message_record.hpp>
#include <leat/connectors/formats/schema_format.hpp>

#include <string>
#include <string_view>

namespace leat {

/// Which message records are written as.
struct protobuf_options {
  /// The text of a `.proto` file. Empty: the message that follows from the record type, its fields numbered in the order of their
  /// description from 1 on; so a new field goes to the end of the description, and none is taken out of its middle.
  std::string_view proto{};

  /// The name of the message in it, with its package. Empty: the first one.
  std::string_view message{};
};

/// One record, one message of Protobuf (encoding of proto2 and proto3), of the fields that the record type describes, found by name.
///
/// | field | as field of a message | also |
/// |---|---|---|
/// | bool | `bool` | |
/// | integers | `int32`, `int64`, `uint32`, `uint64`; numbers that do not fit are refused | the other whole numbers |
/// | float, double | `float`, `double` | a double is read from `float` |
/// | decimal | `string` with its digits | |
/// | string | `string`, of UTF-8 | `bytes`, whatever they are |
/// | timestamp | `google.protobuf.Timestamp`, cut to the millisecond | `int64`, `sint64`, `sfixed64`: milliseconds |
/// | enum | enum with values of the same names | |
/// | optional | a field with presence (`optional`, a message, of a `oneof`) | when reading, any |
/// | vector, struct | `repeated`, message | |
///
/// What a message says nothing of is its default: 0, "", nothing. Unknown fields are left out. A value of an enum that has no name in the
/// record type, a text that is not UTF-8, a field that is on the wire as another type: they refuse the record. An optional of a list,
/// and lists in lists, have no form in Protobuf: such a record type is refused at the start.
///
/// A class that Protobuf's compiler has made may be the record type itself: `kafka::source<shop::Order>("orders", protobuf)`. Then
/// Protobuf's library reads and writes it, by the numbers of its fields, and keeps unknown ones; see docs/protobuf.md.
class protobuf_format : public schema_format {
public:
  constexpr explicit protobuf_format(protobuf_options options = {}) noexcept : options_{options} {}

  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override;

  [[nodiscard]] std::string_view schema_kind() const noexcept override;

  /// A `.proto` file with the message.
  [[nodiscard]] std::string schema_text(const schema& of) const override;
  [[nodiscard]] std::vector<int> message_place(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder_of(const writer_schema& written, const schema& of) const override;
  [[nodiscard]] std::unique_ptr<value_printer> make_printer(const writer_schema& written) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder_behind(std::string prefix, const schema& of) const override;

private:
  protobuf_options options_;
};

/// The format to name in a pipeline: `kafka::source<order>("orders", protobuf)`.
inline constinit const protobuf_format protobuf{};

} // namespace leat
