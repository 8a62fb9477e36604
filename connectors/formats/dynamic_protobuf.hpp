#pragma once

#include <leat/connectors/formats/protobuf/protobuf_message.hpp>
#include <leat/connectors/formats/schema_format.hpp>

#include <string_view>

namespace leat {

/// Which messages a program reads and writes that has no class of them.
struct dynamic_protobuf_options {
  /// The path of a file that `protoc --include_imports --descriptor_set_out=FILE` has made, read when the job starts. Or else:
  std::string_view descriptors{};

  /// the text of a `.proto` file, which may import what comes with Protobuf.
  std::string_view proto{};

  /// The name of the message, with its package. May be empty with `proto`: the first one.
  std::string_view message{};
};

/// One record, one message of Protobuf of a type that is known when the job starts: records are `protobuf_message`.
///
/// Without options, the type is that of whoever wrote a record, which takes a schema registry; such a format only reads:
///
///     static constinit const registered_format any_message{dynamic_protobuf};
///     job.source(kafka::source<protobuf_message>("orders", any_message))
class dynamic_protobuf_format : public schema_format {
public:
  constexpr explicit dynamic_protobuf_format(dynamic_protobuf_options options = {}) noexcept : options_{options} {}

  /// A message of this type with nothing in it, to be filled.
  /// @throws config_error saying what is wrong with the options.
  [[nodiscard]] protobuf_message make() const;

  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override;

  [[nodiscard]] std::string_view schema_kind() const noexcept override;
  [[nodiscard]] std::string schema_text(const schema& of) const override;
  [[nodiscard]] std::vector<int> message_place(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder_of(const writer_schema& written, const schema& of) const override;
  [[nodiscard]] std::unique_ptr<value_printer> make_printer(const writer_schema& written) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder_behind(std::string prefix, const schema& of) const override;

private:
  [[nodiscard]] bool of_any_type() const noexcept { return options_.descriptors.empty() && options_.proto.empty(); }

  dynamic_protobuf_options options_;
};

/// Reads messages of whatever type they were written with; see above.
inline constinit const dynamic_protobuf_format dynamic_protobuf{};

} // namespace leat
