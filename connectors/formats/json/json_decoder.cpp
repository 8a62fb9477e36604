#include <leat/connectors/formats/json/json_decoder.hpp>

#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/json/json_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace leat {
namespace {

/// Documents of one chunk: they stay in the first-level cache until they have been walked.
constexpr std::size_t chunk_bytes = 24 * 1024;

/// What is kept for good; larger buffers go when the documents that needed them are past.
constexpr std::size_t kept_bytes = 1024 * 1024;

/// Positions are 32 bits wide, also in simdjson.
constexpr std::size_t most_bytes = std::size_t{1} << 30;

/// Stands behind each document. Two line breaks: the portable implementation of the stage takes whatever follows a
/// backslash at the end of a document for escaped.
constexpr std::string_view separator = "\n\n";

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Where a string literal first holds a control character that is not escaped. There is one.
std::size_t find_control_character(std::string_view text) noexcept {
  bool in_string = false;
  std::size_t i = 0;
  for (; i < text.size() && !(in_string && static_cast<unsigned char>(text[i]) < 0x20); ++i) {
    if (text[i] == '"')
      in_string = !in_string;
    else if (text[i] == '\\')
      ++i;
  }
  return i;
}

} // namespace

json_decoder::json_decoder(const schema& of) : plan_{of} {
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(0, 1, stage_) != simdjson::SUCCESS)
    throw std::bad_alloc{};
  make_room(chunk_bytes);
}

std::size_t
json_decoder::decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) {
  auto* slot = static_cast<char*>(slots);
  std::size_t filled = 0;
  for (std::size_t first = 0; first < in.size();) {
    const auto count = gather(in.subspan(first));
    const bool together = find_tokens(0, used_) == simdjson::SUCCESS;
    for (std::size_t i = 0; i < count; ++i) {
      if (read(documents_[i], together, slot + filled * stride))
        ++filled;
      else
        rejected.push_back({first + i, std::move(reason_)});
    }
    first += count;
  }
  give_back_room();
  return filled;
}

/// Fills the buffer with the first records of `in`, as many as make a chunk, and at least one.
/// @returns how many.
std::size_t json_decoder::gather(std::span<const raw_record> in) {
  documents_.clear();
  used_ = 0;
  for (const auto& record : in) {
    const auto size = record.payload ? record.payload->size() : 0;
    if (!documents_.empty() && used_ + size + separator.size() > chunk_bytes)
      break;
    if (!record.payload)
      documents_.push_back({0, 0, "the value is null (a tombstone), not a JSON document"});
    else if (size == 0)
      documents_.push_back({0, 0, "the document is empty"});
    else if (size > most_bytes)
      documents_.push_back({0, 0, "the document is larger than 1 GiB"});
    else
      append(*record.payload);
  }
  buffer_[used_] = '\0'; // starts no token: the end of the last row
  return documents_.size();
}

void json_decoder::append(std::string_view payload) {
  make_room(used_ + payload.size() + separator.size());
  char* const to = buffer_.get() + used_;
  std::memcpy(to, payload.data(), payload.size());
  if (payload.starts_with(byte_order_mark))
    std::memset(to, ' ', byte_order_mark.size());
  std::memcpy(to + payload.size(), separator.data(), separator.size());
  const auto end = used_ + payload.size();
  documents_.push_back({static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(end)});
  used_ = end + separator.size();
  largest_ = std::max(largest_, payload.size());
}

void json_decoder::make_room(std::size_t bytes) {
  if (bytes <= capacity_)
    return;
  auto larger = std::make_unique<char[]>(bytes + simdjson::SIMDJSON_PADDING); // zeroed: never read uninitialized
  if (stage_->set_capacity(bytes) != simdjson::SUCCESS)
    throw std::bad_alloc{};
  if (used_ != 0)
    std::memcpy(larger.get(), buffer_.get(), used_);
  buffer_ = std::move(larger);
  capacity_ = bytes;
}

void json_decoder::give_back_room() {
  if (capacity_ > kept_bytes && largest_ < capacity_ / 4) {
    capacity_ = 0;
    used_ = 0;
    make_room(chunk_bytes);
  }
  largest_ = 0;
}

/// Finds the tokens in [begin, end) of the buffer and gives them to the walker.
simdjson::error_code json_decoder::find_tokens(std::size_t begin, std::size_t end) {
  if (begin == end)
    return simdjson::EMPTY;
  const char* const text = buffer_.get() + begin;
  const auto error =
    stage_->stage1(reinterpret_cast<const std::uint8_t*>(text), end - begin, simdjson::stage1_mode::regular);
  if (error == simdjson::SUCCESS)
    walker_.start(text, stage_->structural_indexes.get(), std::memchr(text, '\\', end - begin) != nullptr);
  return error;
}

/// @param together whether the walker has the tokens of the whole chunk.
bool json_decoder::read(const document& d, bool together, void* slot) {
  if (d.missing != nullptr) {
    reason_ = d.missing;
    return false;
  }
  auto begin = d.begin;
  auto end = d.end;
  if (!together) {
    if (const auto error = find_tokens(begin, end); error != simdjson::SUCCESS)
      return refuse(d, error);
    end -= begin;
    begin = 0;
  }
  if (walker_.read_document(plan_, slot, begin, end))
    return true;
  reason_ = walker_.reason();
  return false;
}

bool json_decoder::refuse(const document& d, simdjson::error_code error) {
  const std::string_view text{buffer_.get() + d.begin, d.end - d.begin};
  switch (error) {
  case simdjson::EMPTY:
    reason_ = "the document is empty";
    break;
  case simdjson::UTF8_ERROR:
    reason_ = fmt::format("invalid UTF-8 at byte {}", find_invalid_utf8(text));
    break;
  case simdjson::UNCLOSED_STRING:
    reason_ = "invalid JSON: the document ends in the middle of a string";
    break;
  case simdjson::UNESCAPED_CHARS:
    reason_ =
      fmt::format("invalid JSON at byte {}: a control character in a string must be escaped", find_control_character(text));
    break;
  default:
    reason_ = fmt::format("invalid JSON: {}", simdjson::error_message(error));
  }
  return false;
}

} // namespace leat
