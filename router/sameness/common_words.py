"""Words that messages share whatever they are about: they say nothing of two messages being about the same thing."""

from collections.abc import Iterable

from router.rules.phrases import normalised

# ruff: noqa: RUF001 (These are words of several scripts, and some of their letters look like Latin ones.)

_ENGLISH = """
a about after again all also always am an and another any anything are as at away be because been before being both
but by can cannot could dear did do does doing don done down during each either else even ever every everything few
find first for found from get gets getting give given go goes going good got great had happen happened happening
happens has have having he hello help her here hey hi him his how however i if in instead into is isn issue it its
just keep kind know last latest less let like look looks made make makes making many may maybe me more most much must
my need needed needs new next no none nor not nothing now of off often ok old on once one only onto or other our out
over own per please possible problem re really regarding regards same say see seem seems seen several she should show
shows simply since so some something soon still such sure take than thank thanks that the their them then there these
they thing things think this those though through thus time times to today too tried try trying two under until up
upon us use used user uses using usually very via want wanted wants was way we well went were what when where whether
which while who why will with within without won would yes yesterday yet you your
add added adding allow available back bug build cause causes change changed changes check create current currently
default describe description did error errors expect expected exception fail failed failing fails failure feature file
files fix fixed following issues log logs message messages name open page problems report reproduce result results run
running set start started step steps stop support test tests text update updated upgrade version versions work worked
working works wrong actual actually behavior behaviour summary details useful product component com org net www http
https html net
morning afternoon evening team sir madam best kind sincerely cheers wishes urgent urgently asap immediately
"""
_POLISH = """
a aby albo ale ani bardzo bez bo by być był była było były cały chcę chyba ci co coś czy czyli dla dlaczego do dobry
dzień dziękuję gdy gdzie go i ich ile im inny ja jak jaki jakieś jako jednak jego jej jest jestem jeszcze jeśli już
kiedy kto która które którego który ktoś lub ma mam mamy mi mnie moja moje może można mój na nad nam nas nasz nasza nie
nic nich nim niż no o od oraz pan pani po pod pomoc pomocy ponieważ potem poza pozdrawiam pozdrowieniami proszę problem
przed przez przy raz również są się sobie swój szanowni państwo ta tak taki tam te tego tej ten teraz też to tu tutaj
tylko tym u uprzejmie w wasz we więc wieczór witam cześć wszystko wtedy z za zawsze ze znowu że poważaniem ponownie
"""
_RUSSIAN = """
а без более бы был была были было быть в вам вас ваш весь во вот все всё всего всем вы где да даже для до добрый день
вечер утро доброе его ее её если есть еще ещё же за здравствуйте здравствуй привет и из или им их к как какой ко когда
кто ли либо меня мне может можно мой моя мы на над надо нам нас наш не него нее неё нет ни них но ну о об однако он она
они оно опять от очень по под пожалуйста помогите помочь после потом потому почему при про проблема просто раз с сам
самый свой себя сейчас сегодня снова со спасибо так также такой там тебя тем теперь то тогда того тоже той только том
тот тут ты у уважаемые уважением уже хочу чего чем что чтобы эта эти это этого этой этом этот я
"""
_PERSIAN = """
از است اگر اما امروز او ای این اینجا آن آنجا آنها با باز باید بر برای بسیار بعد بله بود بودم به بی پس پیش تا تشکر تو
جا جناب چرا چه چون چیزی چیست حالا خود خودم خواهش خیلی در درود دوباره دیگر دیگه را رو زیر سپاس سلام شد شده شما شود
صبح عصر روز شب بخیر وقت عرض ممنون لطفا لطفاً کمک کنید کند کنم کرد کردم کرده که کی ما مثل مرا مشکل من می میشود میکند
میکنم نمی نیز نه نیست هر هست هستم هم همه همین هنوز هیچ و ولی یا یک یکی گرامی احترام باشید خسته نباشید
"""


def _words(lists: Iterable[str]) -> frozenset[str]:
    return frozenset(normalised(" ".join(lists)).split())


COMMON = _words((_ENGLISH, _POLISH, _RUSSIAN, _PERSIAN))
