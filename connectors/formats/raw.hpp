#pragma once

#include <leat/connectors/formats/format.hpp>

namespace leat {

/// How bytes stand as they are.
struct raw_options {
  bool lines =
    false; ///< of text, so that they may stand behind each other in a file: one with a line break in it is refused
};

/// One record, its bytes as they are: for topics whose values somebody else understands. The record type is a struct of one
/// `std::string`, which may hold any bytes:
///
///     struct message { std::string body; };
///     BOOST_DESCRIBE_STRUCT(message, (), (body))
///
/// A null value (a tombstone) is refused when it is read. Files are written with `raw_lines`; `raw` cannot tell there where a record
/// ends, and is refused.
class raw_format : public format {
public:
  constexpr explicit raw_format(raw_options options = {}) noexcept : options_{options} {}

  [[nodiscard]] std::string_view name() const noexcept override;

  /// @throws pipeline_error when a record is something else than one string.
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override;

  /// @throws pipeline_error when records may have line breaks in them.
  [[nodiscard]] std::string header(const schema& of) const override;

private:
  raw_options options_;
};

/// The formats to name in a pipeline: `kafka::source<message>("messages", raw)`, `files::sink<message>("messages", raw_lines)`.
inline constinit const raw_format raw{};
inline constinit const raw_format raw_lines{{.lines = true}};

} // namespace leat
