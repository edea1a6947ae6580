/* The countries, by code. Sources: docs/countries.md, which is to be changed together with a row. */
#include "base/country_table.h"

#include "base/checked.h"
#include "base/words.h"

/* clang-format off */
static const struct country_holiday ae_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 2, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.arafah"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday bh_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 16, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.ashura"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 9, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.arafah"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday de_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.good_friday"), .rule = HOLIDAY_EASTER, .day = -2 },
	{ .name_key = WORDS_KEY("holiday.easter_monday"), .rule = HOLIDAY_EASTER, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.ascension"), .rule = HOLIDAY_EASTER, .day = 39 },
	{ .name_key = WORDS_KEY("holiday.whit_monday"), .rule = HOLIDAY_EASTER, .day = 50 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 10, .day = 3 },
	{ .name_key = WORDS_KEY("holiday.christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.second_christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 26 },
};

static const struct country_holiday eg_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.coptic_christmas"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 7 },
	{ .name_key = WORDS_KEY("holiday.revolution"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.sinai"), .rule = HOLIDAY_GREGORIAN, .month = 4, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.spring"), .rule = HOLIDAY_ORTHODOX, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.june_revolution"), .rule = HOLIDAY_GREGORIAN, .month = 6, .day = 30 },
	{ .name_key = WORDS_KEY("holiday.revolution"), .rule = HOLIDAY_GREGORIAN, .month = 7, .day = 23 },
	{ .name_key = WORDS_KEY("holiday.armed_forces"), .rule = HOLIDAY_GREGORIAN, .month = 10, .day = 6 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.arafah"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday fr_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.easter_monday"), .rule = HOLIDAY_EASTER, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.victory"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 8 },
	{ .name_key = WORDS_KEY("holiday.ascension"), .rule = HOLIDAY_EASTER, .day = 39 },
	{ .name_key = WORDS_KEY("holiday.whit_monday"), .rule = HOLIDAY_EASTER, .day = 50 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 7, .day = 14 },
	{ .name_key = WORDS_KEY("holiday.assumption"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 15 },
	{ .name_key = WORDS_KEY("holiday.all_saints"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.armistice"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 11 },
	{ .name_key = WORDS_KEY("holiday.christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25 },
};

static const struct country_holiday gb_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1, .moves = HOLIDAY_NEXT_WORKDAY },
	{ .name_key = WORDS_KEY("holiday.good_friday"), .rule = HOLIDAY_EASTER, .day = -2 },
	{ .name_key = WORDS_KEY("holiday.easter_monday"), .rule = HOLIDAY_EASTER, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.bank_holiday"), .rule = HOLIDAY_NTH, .month = 5, .nth = 1, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.bank_holiday"), .rule = HOLIDAY_NTH, .month = 5, .nth = -1, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.bank_holiday"), .rule = HOLIDAY_NTH, .month = 8, .nth = -1, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25, .moves = HOLIDAY_NEXT_WORKDAY },
	{ .name_key = WORDS_KEY("holiday.second_christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 26, .moves = HOLIDAY_NEXT_WORKDAY },
};

static const struct country_holiday in_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.republic"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 26 },
	{ .name_key = WORDS_KEY("holiday.independence"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 15 },
	{ .name_key = WORDS_KEY("holiday.gandhi"), .rule = HOLIDAY_GREGORIAN, .month = 10, .day = 2 },
};

static const struct country_holiday iq_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.army"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 6 },
	{ .name_key = WORDS_KEY("holiday.nowruz"), .rule = HOLIDAY_GREGORIAN, .month = 3, .day = 21 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 10, .day = 3 },
	{ .name_key = WORDS_KEY("holiday.christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.ashura"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 10 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 4 },
	{ .name_key = WORDS_KEY("holiday.ghadir"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 18 },
};

static const struct country_holiday ir_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.nowruz"), .rule = HOLIDAY_PERSIAN, .month = 1, .day = 1, .days = 4 },
	{ .name_key = WORDS_KEY("holiday.republic"), .rule = HOLIDAY_PERSIAN, .month = 1, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.nature"), .rule = HOLIDAY_PERSIAN, .month = 1, .day = 13 },
	{ .name_key = WORDS_KEY("holiday.khomeini"), .rule = HOLIDAY_PERSIAN, .month = 3, .day = 14 },
	{ .name_key = WORDS_KEY("holiday.khordad_uprising"), .rule = HOLIDAY_PERSIAN, .month = 3, .day = 15 },
	{ .name_key = WORDS_KEY("holiday.revolution"), .rule = HOLIDAY_PERSIAN, .month = 11, .day = 22 },
	{ .name_key = WORDS_KEY("holiday.oil"), .rule = HOLIDAY_PERSIAN, .month = 12, .day = 29 },
	{ .name_key = WORDS_KEY("holiday.tasua"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.ashura"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 10 },
	{ .name_key = WORDS_KEY("holiday.arbaeen"), .rule = HOLIDAY_HIJRI, .month = 2, .day = 20 },
	{ .name_key = WORDS_KEY("holiday.prophet_death"), .rule = HOLIDAY_HIJRI, .month = 2, .day = 28 },
	{ .name_key = WORDS_KEY("holiday.imam_reza"), .rule = HOLIDAY_HIJRI, .month = 2, .day = HOLIDAY_LAST_DAY },
	{ .name_key = WORDS_KEY("holiday.imam_askari"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 8 },
	{ .name_key = WORDS_KEY("holiday.prophet_birth"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 17 },
	{ .name_key = WORDS_KEY("holiday.fatimah"), .rule = HOLIDAY_HIJRI, .month = 6, .day = 3 },
	{ .name_key = WORDS_KEY("holiday.imam_ali_birth"), .rule = HOLIDAY_HIJRI, .month = 7, .day = 13 },
	{ .name_key = WORDS_KEY("holiday.isra"), .rule = HOLIDAY_HIJRI, .month = 7, .day = 27 },
	{ .name_key = WORDS_KEY("holiday.mahdi_birth"), .rule = HOLIDAY_HIJRI, .month = 8, .day = 15 },
	{ .name_key = WORDS_KEY("holiday.imam_ali_death"), .rule = HOLIDAY_HIJRI, .month = 9, .day = 21 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.imam_sadiq"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10 },
	{ .name_key = WORDS_KEY("holiday.ghadir"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 18 },
};

static const struct country_holiday jo_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.independence"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.arafah"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 4 },
};

static const struct country_holiday kw_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 2, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.liberation"), .rule = HOLIDAY_GREGORIAN, .month = 2, .day = 26 },
	{ .name_key = WORDS_KEY("holiday.isra"), .rule = HOLIDAY_HIJRI, .month = 7, .day = 27 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.arafah"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday lb_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.armenian_christmas"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 6 },
	{ .name_key = WORDS_KEY("holiday.saint_maron"), .rule = HOLIDAY_GREGORIAN, .month = 2, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.annunciation"), .rule = HOLIDAY_GREGORIAN, .month = 3, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.good_friday"), .rule = HOLIDAY_EASTER, .day = -2 },
	{ .name_key = WORDS_KEY("holiday.easter_monday"), .rule = HOLIDAY_EASTER, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.good_friday"), .rule = HOLIDAY_ORTHODOX, .day = -2 },
	{ .name_key = WORDS_KEY("holiday.easter_monday"), .rule = HOLIDAY_ORTHODOX, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.liberation"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.assumption"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 15 },
	{ .name_key = WORDS_KEY("holiday.independence"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 22 },
	{ .name_key = WORDS_KEY("holiday.christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.ashura"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 10 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 2 },
};

static const struct country_holiday ma_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.independence_manifesto"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 11 },
	{ .name_key = WORDS_KEY("holiday.amazigh_new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 14 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.throne"), .rule = HOLIDAY_GREGORIAN, .month = 7, .day = 30 },
	{ .name_key = WORDS_KEY("holiday.oued_ed_dahab"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 14 },
	{ .name_key = WORDS_KEY("holiday.king_and_people"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 20 },
	{ .name_key = WORDS_KEY("holiday.youth"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 21 },
	{ .name_key = WORDS_KEY("holiday.green_march"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 6 },
	{ .name_key = WORDS_KEY("holiday.independence"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 18 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 2 },
};

static const struct country_holiday om_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.accession"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 11 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 20, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.isra"), .rule = HOLIDAY_HIJRI, .month = 7, .day = 27 },
	{ .name_key = WORDS_KEY("holiday.hijri_new_year"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.arafah"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday pk_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.kashmir"), .rule = HOLIDAY_GREGORIAN, .month = 2, .day = 5 },
	{ .name_key = WORDS_KEY("holiday.pakistan"), .rule = HOLIDAY_GREGORIAN, .month = 3, .day = 23 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.independence"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 14 },
	{ .name_key = WORDS_KEY("holiday.iqbal"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.quaid"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25 },
	{ .name_key = WORDS_KEY("holiday.ashura"), .rule = HOLIDAY_HIJRI, .month = 1, .day = 9, .days = 2 },
	{ .name_key = WORDS_KEY("holiday.mawlid"), .rule = HOLIDAY_HIJRI, .month = 3, .day = 12 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday qa_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.sport"), .rule = HOLIDAY_NTH, .month = 2, .nth = 2, .weekday = 1 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 18 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday sa_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.founding"), .rule = HOLIDAY_GREGORIAN, .month = 2, .day = 22 },
	{ .name_key = WORDS_KEY("holiday.national"), .rule = HOLIDAY_GREGORIAN, .month = 9, .day = 23 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 4 },
	{ .name_key = WORDS_KEY("holiday.arafah"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 3 },
};

static const struct country_holiday tr_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.sovereignty"), .rule = HOLIDAY_GREGORIAN, .month = 4, .day = 23 },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 1 },
	{ .name_key = WORDS_KEY("holiday.youth"), .rule = HOLIDAY_GREGORIAN, .month = 5, .day = 19 },
	{ .name_key = WORDS_KEY("holiday.democracy"), .rule = HOLIDAY_GREGORIAN, .month = 7, .day = 15 },
	{ .name_key = WORDS_KEY("holiday.victory"), .rule = HOLIDAY_GREGORIAN, .month = 8, .day = 30 },
	{ .name_key = WORDS_KEY("holiday.republic"), .rule = HOLIDAY_GREGORIAN, .month = 10, .day = 28, .half = true },
	{ .name_key = WORDS_KEY("holiday.republic"), .rule = HOLIDAY_GREGORIAN, .month = 10, .day = 29 },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 9, .day = HOLIDAY_LAST_DAY, .half = true },
	{ .name_key = WORDS_KEY("holiday.eid_al_fitr"), .rule = HOLIDAY_HIJRI, .month = 10, .day = 1, .days = 3 },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 9, .half = true },
	{ .name_key = WORDS_KEY("holiday.eid_al_adha"), .rule = HOLIDAY_HIJRI, .month = 12, .day = 10, .days = 4 },
};

static const struct country_holiday us_holidays[] = {
	{ .name_key = WORDS_KEY("holiday.new_year"), .rule = HOLIDAY_GREGORIAN, .month = 1, .day = 1, .moves = HOLIDAY_NEAREST_WORKDAY },
	{ .name_key = WORDS_KEY("holiday.martin_luther_king"), .rule = HOLIDAY_NTH, .month = 1, .nth = 3, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.presidents"), .rule = HOLIDAY_NTH, .month = 2, .nth = 3, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.memorial"), .rule = HOLIDAY_NTH, .month = 5, .nth = -1, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.juneteenth"), .rule = HOLIDAY_GREGORIAN, .month = 6, .day = 19, .moves = HOLIDAY_NEAREST_WORKDAY },
	{ .name_key = WORDS_KEY("holiday.independence"), .rule = HOLIDAY_GREGORIAN, .month = 7, .day = 4, .moves = HOLIDAY_NEAREST_WORKDAY },
	{ .name_key = WORDS_KEY("holiday.labour"), .rule = HOLIDAY_NTH, .month = 9, .nth = 1, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.columbus"), .rule = HOLIDAY_NTH, .month = 10, .nth = 2, .weekday = 0 },
	{ .name_key = WORDS_KEY("holiday.veterans"), .rule = HOLIDAY_GREGORIAN, .month = 11, .day = 11, .moves = HOLIDAY_NEAREST_WORKDAY },
	{ .name_key = WORDS_KEY("holiday.thanksgiving"), .rule = HOLIDAY_NTH, .month = 11, .nth = 4, .weekday = 3 },
	{ .name_key = WORDS_KEY("holiday.christmas"), .rule = HOLIDAY_GREGORIAN, .month = 12, .day = 25, .moves = HOLIDAY_NEAREST_WORKDAY },
};

#define WORK COUNTRY_WORK
#define HALF COUNTRY_HALF
#define OFF COUNTRY_OFF
#define HOLIDAYS(name) .holidays = name, .n_holidays = COUNT_OF(name)
const struct country country_table[] = {
	{ "AE", .zone = "Asia/Dubai", .prefix = "971", .trunk = "0", .phone_min = 8, .phone_max = 9,
	  .week = { WORK, WORK, WORK, WORK, HALF, OFF, OFF }, .half_until = 12 * 60, HOLIDAYS(ae_holidays) },
	{ "BH", .zone = "Asia/Bahrain", .prefix = "973", .trunk = "", .phone_min = 8, .phone_max = 8,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(bh_holidays) },
	{ "DE", .zone = "Europe/Berlin", .prefix = "49", .trunk = "0", .phone_min = 6, .phone_max = 11,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 0, HOLIDAYS(de_holidays) },
	{ "EG", .zone = "Africa/Cairo", .prefix = "20", .trunk = "0", .phone_min = 8, .phone_max = 10,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(eg_holidays) },
	{ "FR", .zone = "Europe/Paris", .prefix = "33", .trunk = "0", .phone_min = 9, .phone_max = 9,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 0, HOLIDAYS(fr_holidays) },
	{ "GB", .zone = "Europe/London", .prefix = "44", .trunk = "0", .phone_min = 9, .phone_max = 10,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 0, HOLIDAYS(gb_holidays) },
	{ "IN", .zone = "Asia/Kolkata", .prefix = "91", .trunk = "0", .phone_min = 10, .phone_max = 10,
	  .week = { WORK, WORK, WORK, WORK, WORK, WORK, OFF }, .half_until = 0, HOLIDAYS(in_holidays) },
	{ "IQ", .zone = "Asia/Baghdad", .prefix = "964", .trunk = "0", .phone_min = 8, .phone_max = 10,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(iq_holidays) },
	{ "IR", .zone = "Asia/Tehran", .prefix = "98", .trunk = "0", .phone_min = 8, .phone_max = 10,
	  .week = { WORK, WORK, WORK, HALF, OFF, WORK, WORK }, .half_until = 13 * 60, HOLIDAYS(ir_holidays) },
	{ "JO", .zone = "Asia/Amman", .prefix = "962", .trunk = "0", .phone_min = 8, .phone_max = 9,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(jo_holidays) },
	{ "KW", .zone = "Asia/Kuwait", .prefix = "965", .trunk = "", .phone_min = 8, .phone_max = 8,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(kw_holidays) },
	{ "LB", .zone = "Asia/Beirut", .prefix = "961", .trunk = "0", .phone_min = 7, .phone_max = 8,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 0, HOLIDAYS(lb_holidays) },
	{ "MA", .zone = "Africa/Casablanca", .prefix = "212", .trunk = "0", .phone_min = 9, .phone_max = 9,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 0, HOLIDAYS(ma_holidays) },
	{ "OM", .zone = "Asia/Muscat", .prefix = "968", .trunk = "", .phone_min = 8, .phone_max = 8,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(om_holidays) },
	{ "PK", .zone = "Asia/Karachi", .prefix = "92", .trunk = "0", .phone_min = 9, .phone_max = 10,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 0, HOLIDAYS(pk_holidays) },
	{ "QA", .zone = "Asia/Qatar", .prefix = "974", .trunk = "", .phone_min = 8, .phone_max = 8,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(qa_holidays) },
	{ "SA", .zone = "Asia/Riyadh", .prefix = "966", .trunk = "0", .phone_min = 8, .phone_max = 9,
	  .week = { WORK, WORK, WORK, WORK, OFF, OFF, WORK }, .half_until = 0, HOLIDAYS(sa_holidays) },
	{ "TR", .zone = "Europe/Istanbul", .prefix = "90", .trunk = "0", .phone_min = 10, .phone_max = 10,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 13 * 60, HOLIDAYS(tr_holidays) },
	{ "US", .zone = "America/New_York", .prefix = "1", .trunk = "1", .phone_min = 10, .phone_max = 10,
	  .week = { WORK, WORK, WORK, WORK, WORK, OFF, OFF }, .half_until = 0, HOLIDAYS(us_holidays) },
};
/* clang-format on */
const size_t country_count = COUNT_OF(country_table);
