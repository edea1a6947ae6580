/*
 * The program's own fonts, Inter and Vazirmatn, so that a drawing looks the
 * same on a server without any font. They are carried as WOFF2, the form in
 * which pages and exported files use them. Pango reads plain TrueType only,
 * so FreeType unpacks each once, and fontconfig gets the result through an
 * unnamed file in memory.
 */
#include <fontconfig/fontconfig.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/embed.h"
#include "render/priv.h"

extern const struct embed_file render_fonts[];
extern const size_t render_fonts_count;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static FcConfig *config;
static struct err config_err;
static enum err_code config_rc;

struct str fonts_web(bool arabic)
{
	return embed_find(render_fonts, render_fonts_count,
	                  arabic ? "vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2"
	                         : "inter-ui/variable-latin/InterVariable-subset.woff2");
}

static bool is_static(const char *name)
{
	return strstr(name, "/web/") || (strstr(name, "/webfonts/") && !strchr(name, '['));
}

/* An unnamed file with the bytes; it stays open as long as the program runs, since Pango maps it when a glyph is first
 * needed. */
static enum err_code add_bytes(FcConfig *c, const unsigned char *bytes, size_t len, struct err *err)
{
	const int fd = memfd_create("font", MFD_CLOEXEC);
	if (fd < 0) return err_set(err, ERR_IO, "render.font", "", "no memory file for a font");
	for (size_t at = 0; at < len;) {
		const ssize_t n = write(fd, bytes + at, len - at);
		if (n <= 0) {
			close(fd);
			return err_set(err, ERR_IO, "render.font", "", "a font does not fit into memory");
		}
		at += (size_t)n;
	}
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (!FcConfigAppFontAddFile(c, (const FcChar8 *)path)) {
		close(fd);
		return err_set(err, ERR_IO, "render.font", "", "fontconfig refuses a font of the program");
	}
	return OK;
}

static enum err_code add_woff2(FcConfig *c, const struct embed_file *f, struct err *err)
{
	size_t len = 0;
	unsigned char *bytes = font_unpack(f->ptr, (size_t)(f->end - f->ptr), &len);
	if (!bytes) return err_set(err, ERR_CORRUPT, "render.font", "", "FreeType cannot unpack %s", f->name);
	const enum err_code rc = add_bytes(c, bytes, len, err);
	free(bytes);
	return rc;
}

static void make_config(void)
{
	FcConfig *c = FcConfigCreate();
	if (!c) {
		config_rc = err_no_memory(&config_err);
		return;
	}
	for (size_t i = 0; i < render_fonts_count && config_rc == OK; i++)
		if (is_static(render_fonts[i].name)) config_rc = add_woff2(c, &render_fonts[i], &config_err);
	if (config_rc == OK) config = c;
	else FcConfigDestroy(c);
}

enum err_code fonts_config(struct _FcConfig **out, struct err *err)
{
	pthread_once(&once, make_config);
	if (config_rc != OK) {
		if (err) *err = config_err;
		return config_rc;
	}
	*out = config;
	return OK;
}

/*
 * fontconfig keeps patterns of a font map that goes with its thread: bounded, and not ours to
 * free. Only a build with the leak checker looks this up.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\n";
}
