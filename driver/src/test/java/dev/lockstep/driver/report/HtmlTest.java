package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HtmlTest {

    @Test
    void escapesTextAndAttributes() {
        Html html = new Html().element("p", "<script>alert('x') && 1</script>", "title", "\"><script>");

        assertThat(html)
                .hasToString("<p title=\"&quot;&gt;&lt;script&gt;\">"
                        + "&lt;script&gt;alert(&#39;x&#39;) &amp;&amp; 1&lt;/script&gt;</p>");
    }

    @Test
    void keepsLinesAndReplacesControlCharacters() {
        assertThat(Html.escape("a\tb\r\nc\u0000d\u001be é ✓")).isEqualTo("a\tb\r\nc\uFFFDd\uFFFDe é ✓");
    }

    @Test
    void closesWhatWasOpenedLastAndLeavesOutAttributesWithoutValue() {
        Html html = new Html()
                .open("ul")
                .open("li", "class", null)
                .empty("br")
                .close()
                .close();

        assertThat(html).hasToString("<ul><li><br/></li></ul>");
    }

    @Test
    void isNotReadWhileAnElementIsOpen() {
        Html html = new Html().open("ul").open("li").close();

        assertThatThrownBy(html::toString)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("not closed: [ul]");
    }
}
