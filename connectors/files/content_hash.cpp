#include <leat/connectors/files/content_hash.hpp>

#include <leat/base/xxh3.hpp>

namespace leat {

struct running_hash::state {
  XXH3_state_t of;
};

std::uint64_t content_hash(std::string_view bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

running_hash::running_hash() : state_{std::make_unique<state>()} { XXH3_64bits_reset(&state_->of); }

running_hash::running_hash(running_hash&&) noexcept = default;
running_hash& running_hash::operator=(running_hash&&) noexcept = default;
running_hash::~running_hash() = default;

void running_hash::add(std::string_view bytes) noexcept { XXH3_64bits_update(&state_->of, bytes.data(), bytes.size()); }

std::uint64_t running_hash::value() const noexcept { return XXH3_64bits_digest(&state_->of); }

} // namespace leat
