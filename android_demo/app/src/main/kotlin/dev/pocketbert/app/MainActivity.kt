package dev.pocketbert.app

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.View.GONE
import android.view.View.VISIBLE
import android.widget.AdapterView
import android.widget.ArrayAdapter
import android.widget.Button
import android.widget.EditText
import android.widget.ProgressBar
import android.widget.Spinner
import android.widget.TextView

/** Type a text, see what a model says to it. */
class MainActivity : Activity() {
    private lateinit var state: MainState
    private lateinit var text: EditText
    private lateinit var pair: EditText
    private lateinit var models: Spinner

    override fun attachBaseContext(base: Context) {
        super.attachBaseContext(base)
        writeNumbersAsStrings()
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.main)
        keepClearOfBars()
        text = findViewById(R.id.text)
        pair = findViewById(R.id.pair)
        models = findViewById(R.id.models)
        @Suppress("DEPRECATION") // what replaces it is a library of its own
        val kept = lastNonConfigurationInstance as MainState?
        state = kept ?: MainState(applicationContext).also { it.look(savedInstanceState?.getString(CHOSEN)) }
        models.onItemSelectedListener = Chosen()
        findViewById<Button>(R.id.open_file).setOnClickListener { pick() }
        findViewById<Button>(R.id.measure).setOnClickListener { measure() }
        findViewById<Button>(R.id.classify).setOnClickListener { classify() }
        state.listener = ::show
        show(state.view)
    }

    @Deprecated("Deprecated in Java")
    override fun onRetainNonConfigurationInstance(): Any = state

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(CHOSEN, state.view.chosen?.key)
    }

    override fun onDestroy() {
        super.onDestroy()
        state.listener = null
        if (!isChangingConfigurations) state.close()
    }

    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        super.onActivityResult(requestCode, resultCode, data)
        val uri = data?.data ?: return
        if (requestCode != PICK || resultCode != RESULT_OK) return
        try {
            keepPicked(this, uri)
        } catch (error: SecurityException) { // a provider that lends a file for now only
            state.say(Problem(R.string.cannot_read, error.message.orEmpty()))
            return
        }
        state.look("uri:$uri")
    }

    private fun pick() {
        // the containers have no media type of their own, so any file can be picked; the reader refuses what is none
        val dialogue = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        try {
            startActivityForResult(dialogue, PICK)
        } catch (_: ActivityNotFoundException) {
            state.say(Problem(R.string.no_picker))
        }
    }

    private fun measure() {
        val chosen = state.view.chosen ?: return
        val screen = Intent(this, MeasureActivity::class.java)
        startActivity(screen.putExtra(MeasureActivity.MODEL, chosen.key).putExtra(MeasureActivity.NAME, chosen.name))
    }

    private fun classify() {
        if (isMissing(text, R.string.text_hint)) return
        if (state.view.facts?.task?.pair == true && isMissing(pair, R.string.second_text_hint)) return
        state.classify(text.text.toString(), pair.text.toString())
    }

    /** Asks for a text where there is none. */
    private fun isMissing(field: EditText, words: Int): Boolean {
        if (field.text.isNotBlank()) return false
        field.error = getString(words)
        field.requestFocus()
        return true
    }

    private fun show(view: MainView) {
        showModels(view)
        showCheck(view)
        show(R.id.problem, view.problem?.said(this))
        findViewById<View>(R.id.pair_part).visibility = if (view.facts?.task?.pair == true) VISIBLE else GONE
        findViewById<Button>(R.id.classify).isEnabled = view.facts != null && !view.asking
        // beside the self-check the figures would be of two that share the processor
        findViewById<Button>(R.id.measure).isEnabled = view.check?.verdict != null
        showAnswer(view.answer, view.facts)
    }

    private fun showModels(view: MainView) {
        val all = view.models ?: return
        val names = all.map { said(it) }
        val shown = models.adapter as ArrayAdapter<*>?
        if (shown == null || names != List(shown.count) { shown.getItem(it) }) {
            val adapter = ArrayAdapter(this, R.layout.model_chosen, names)
            adapter.setDropDownViewResource(R.layout.model_choice)
            models.adapter = adapter
        }
        models.visibility = if (all.isEmpty()) GONE else VISIBLE
        val position = all.indexOf(view.chosen)
        if (position >= 0 && position != models.selectedItemPosition) models.setSelection(position)
        show(R.id.model_facts, if (all.isEmpty()) getString(R.string.no_model_help) else said(view))
    }

    private fun said(source: ModelSource): String =
        when (source) {
            is ModelSource.Asset -> source.name
            is ModelSource.AppFile -> getString(R.string.model_pushed, source.name)
            is ModelSource.Picked -> getString(R.string.model_from_phone, source.name)
        }

    private fun said(view: MainView): String? =
        when {
            view.facts != null -> said(view.facts)
            view.problem == null -> getString(R.string.opening)
            else -> null
        }

    private fun showCheck(view: MainView) {
        val check = view.check
        val bar = findViewById<ProgressBar>(R.id.check_progress)
        bar.visibility = if (check != null && check.verdict == null) VISIBLE else GONE
        bar.max = check?.total ?: 1
        bar.progress = check?.done ?: 0
        // TalkBack reads the verdict, not every text on the way to it
        findViewById<View>(R.id.check).accessibilityLiveRegion =
            if (check?.verdict == null) View.ACCESSIBILITY_LIVE_REGION_NONE else View.ACCESSIBILITY_LIVE_REGION_POLITE
        show(R.id.check, check?.let { said(it) })
        val colour = when (check?.verdict?.ok) {
            true -> R.color.good
            false -> R.color.bad
            null -> R.color.text_quiet
        }
        findViewById<TextView>(R.id.check).setTextColor(getColor(colour))
    }

    /** The user's choice in the list; the list also calls it for what the app has chosen. */
    private inner class Chosen : AdapterView.OnItemSelectedListener {
        override fun onItemSelected(parent: AdapterView<*>?, view: View?, position: Int, id: Long) {
            val source = state.view.models?.getOrNull(position) ?: return
            if (source != state.view.chosen) state.choose(source)
        }

        override fun onNothingSelected(parent: AdapterView<*>?) = Unit
    }

    private companion object {
        const val CHOSEN = "chosen"
        const val PICK = 1
    }
}
