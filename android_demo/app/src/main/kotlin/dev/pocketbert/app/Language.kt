package dev.pocketbert.app

import android.app.Activity
import android.content.res.Configuration
import java.util.Locale

/**
 * To be called in attachBaseContext: has numbers written as the strings are. In a language that the app has no strings of they are
 * English, and Arabic digits, say, would stand in English sentences. The direction of the screen stays the phone's.
 */
internal fun Activity.writeNumbersAsStrings() {
    val now = baseContext.resources.configuration
    val strings = Locale.forLanguageTag(baseContext.getString(R.string.locale))
    if (now.locales[0].language == strings.language) return
    val wanted = Configuration()
    wanted.setLocale(strings)
    wanted.setLayoutDirection(now.locales[0])
    applyOverrideConfiguration(wanted)
}
