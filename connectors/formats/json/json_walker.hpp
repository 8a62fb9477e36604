#pragma once

#include <leat/base/decimal.hpp>
#include <leat/base/time.hpp>
#include <leat/connectors/formats/json/json_number.hpp>
#include <leat/connectors/formats/json/json_plan.hpp>

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

namespace leat {

/// Reads documents into records, given where their tokens are.
///
/// The tokens come from simdjson's first stage (Langdale and Lemire 2019, "Parsing gigabytes of JSON per second"): the
/// positions, in order, of every `{ } [ ] : ,`, of every opening quote and of the first byte of every other scalar. That
/// stage has also checked that the text is UTF-8, that strings are closed and that they hold no control character. What is
/// left is the grammar, and the walker checks all of it: a token is only accepted for what its byte says.
///
/// A string needs no search for its end: behind it comes white space and the next token, so the last byte before that
/// which is not white space is the closing quote.
///
/// The tokens of many documents lie in one row. A document is over at its `end`; a broken one may lead the walker into the
/// next, which is found out at the end at the latest, as nothing that was read counts before that.
///
/// Most functions here read from the token they are given and return the one behind what they have read, or null when the
/// document is to be refused: the place in the row stays in a register.
///
/// Belongs to one decoder.
class json_walker {
public:
  /// Nesting that is followed, the record itself included.
  static constexpr std::uint32_t max_depth = 1024;

  /// A row of tokens in `text`. The row ends with a token that points behind the text at a byte which starts no token, and
  /// 64 bytes behind the text can be read. @param escapes whether there is any backslash in the text.
  void start(const char* text, const std::uint32_t* tokens, bool escapes) noexcept {
    text_ = text;
    at_ = tokens;
    escapes_ = escapes;
  }

  /// Reads the document in [begin, end) of the text into `record`. Documents come in the order of their places.
  /// @returns whether it could be decoded; otherwise `reason` says why, and the record is in no defined state.
  [[nodiscard]] bool read_document(json_plan::record_plan& plan, void* record, std::uint32_t begin, std::uint32_t end);

  /// Why the last document could not be decoded; one line of valid UTF-8, at most some 300 bytes.
  [[nodiscard]] std::string reason() const;

private:
  using record_plan = json_plan::record_plan;
  using value_plan = json_plan::value_plan;

  using cursor = const std::uint32_t*;

  [[nodiscard]] char byte(cursor at) const noexcept { return text_[*at]; }

  cursor read_record(cursor at, record_plan& plan, void* record);
  cursor read_field(cursor at, record_plan& plan, void* record, std::size_t& expected);
  bool find_field(cursor at, const record_plan& plan, std::size_t& place);
  bool fill_missing(record_plan& plan, void* record);
  cursor read_value(cursor at, const value_plan& plan, void* to);
  cursor read_optional(cursor at, const value_plan& plan, void* to);
  cursor read_list(cursor at, const value_plan& plan, void* to);
  cursor read_elements(cursor at, const value_plan& plan, void* to, std::size_t& count);
  cursor read_boolean(cursor at, bool& to);
  cursor read_integer(cursor at, const field_type& type, void* to);
  cursor read_float(cursor at, const field_type& type, void* to);
  cursor read_string(cursor at, std::string& to);
  cursor read_decimal(cursor at, decimal& to);
  cursor read_timestamp(cursor at, timestamp& to);
  cursor read_enumeration(cursor at, const field_type& type, void* to);

  bool string_token(cursor at, std::string_view& raw);
  bool text_token(cursor at, std::string_view& text);
  [[nodiscard]] bool is_literal(cursor at, std::string_view literal) const noexcept;
  [[nodiscard]] std::string_view scalar(cursor at) const noexcept;

  cursor skip_value(cursor at);
  cursor skip_closings(cursor at, const std::bitset<max_depth + 1>& in_object, std::uint32_t outside);
  cursor skip_scalar(cursor at);
  cursor skip_name(cursor at);
  cursor skip_colon(cursor at);
  bool check_string(cursor at);

  /// What a refusal returns: false to who asks for success, null to who asks for the next token.
  struct refused {
    operator bool() const noexcept { return false; }
    operator cursor() const noexcept { return nullptr; }
  };

  // Those that are given a token say that it was found.
  refused refuse(cursor at, std::string_view expected);
  refused refuse(cursor at, json_number::outcome read, const field_type& type);
  refused refuse_enumeration(cursor at, const field_type& type);
  refused refuse_field(cursor at, std::string what);
  refused refuse_syntax(cursor at, std::string_view expected);
  refused refuse_escape(cursor at, std::string_view wrong);
  refused refuse_document(std::string what);
  refused refuse_missing(std::string_view name);
  refused within(std::string_view segment);

  [[nodiscard]] bool is_over(cursor at) const noexcept { return *at >= end_; }
  [[nodiscard]] std::string found(cursor at) const;

  const char* text_ = nullptr;
  cursor at_ = nullptr; ///< the first token of the next document, or one in front of it
  bool escapes_ = false;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t depth_ = 0;
  std::string scratch_;

  bool has_path_ = false; ///< whether it is a field that was refused, not the whole document
  std::string path_;      ///< of the refused field: "items[2].price"
  std::string what_;      ///< what is wrong
};

} // namespace leat
