#pragma once
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#include <hb.h>
#include <hb-ft.h>

// FT_LOAD_TARGET_MONO is a macro with a cast, which Swift does not import.
static const FT_Int32 yizhan_load_mono = FT_LOAD_NO_BITMAP | FT_LOAD_TARGET_MONO;
