// The entry that libFuzzer calls, for the target that LEAT_FUZZ_TARGET names.
#include <leat/tests/fuzz/targets/targets.hpp>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  leat::testing::LEAT_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
