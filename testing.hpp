#pragma once

/// Everything a test of a pipeline needs; goes with any test framework. Programs include `leat/leat.hpp` alone.

#include <leat/leat.hpp>
#include <leat/pipeline/testing/test_run.hpp>
#include <leat/pipeline/testing/test_specs.hpp>
