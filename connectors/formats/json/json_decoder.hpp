#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/json/json_plan.hpp>
#include <leat/connectors/formats/json/json_walker.hpp>

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Decodes JSON, some hundred documents at a time.
///
/// simdjson's first stage finds tokens much quicker than a document of 140 bytes is done: run for each document alone it
/// makes decoding a third slower. So documents are copied into one buffer, line breaks behind each, and the stage runs
/// once over all of them. A document that is broken in a way that could reach into the next one (an open string, a cut
/// UTF-8 sequence) makes the stage fail, because a line break is allowed in neither; then it runs again for each document
/// alone, so that the result is the same however documents are put together.
///
/// Allocates nothing once its buffers have grown to what the documents need.
class json_decoder final : public decoder {
public:
  explicit json_decoder(const schema& of);

  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override;

private:
  /// One document of the chunk, in [begin, end) of the buffer; or, without one, why there is none.
  struct document {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    const char* missing = nullptr;
  };

  std::size_t gather(std::span<const raw_record> in);
  void append(std::string_view payload);
  void make_room(std::size_t bytes);
  void give_back_room();
  [[nodiscard]] simdjson::error_code find_tokens(std::size_t begin, std::size_t end);
  [[nodiscard]] bool read(const document& d, bool together, void* slot);
  bool refuse(const document& d, simdjson::error_code error);

  json_plan::record_plan plan_;
  json_walker walker_;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
  std::unique_ptr<char[]> buffer_; ///< the present chunk's documents, each with line breaks behind it
  std::size_t capacity_ = 0;       ///< of the buffer, without the padding that is read past its end
  std::size_t used_ = 0;
  std::size_t largest_ = 0; ///< payload since room was last given back
  std::vector<document> documents_;
  std::string reason_; ///< why the last document could not be decoded
};

} // namespace leat
