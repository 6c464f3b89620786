"""The sentence a supervisor reads comes from what was stored, not from how things are now."""

from __future__ import annotations

from agents.models import UserSkill
from routing.actions.transfers import do_pick, do_transfer_to_agent
from routing.explain import why
from routing.models import Offer, QueueMember
from tests.routing.cast import Scene, alert


def offer_of_two(scene: Scene) -> Offer:
    service = scene.queue()
    scene.agent("Ana", service, skills={"German": 4.5})
    scene.agent("Ben", service, skills={"German": 4})
    scene.agent("Cleo", service)
    scene.pause(minutes=4)
    return Offer.objects.select_related("decision").get(
        id=alert(scene.writes(scene.channel(service, needs={"German": 3}))).id
    )


SENTENCE = "Ana: German 4.5, idle 4 min, longest of 2 eligible; 1 lacked a skill."


def test_it_names_the_agent_and_the_reasons(scene: Scene) -> None:
    assert why(offer_of_two(scene)) == SENTENCE


def test_it_tells_what_was_so_when_it_was_decided(scene: Scene) -> None:
    offer = offer_of_two(scene)
    UserSkill.objects.all().delete()
    QueueMember.objects.all().delete()
    assert why(offer) == SENTENCE


def test_it_uses_todays_names(scene: Scene) -> None:
    offer = offer_of_two(scene)
    offer.agent.name = "Ana Almeida"
    offer.agent.save()
    assert why(offer) == SENTENCE.replace("Ana", "Ana Almeida")


def test_it_takes_two_queries(scene: Scene, django_assert_num_queries: object) -> None:
    offer = offer_of_two(scene)
    with django_assert_num_queries(2):  # type: ignore[operator]
        why(offer)


def test_what_a_person_did_was_not_decided(scene: Scene) -> None:
    service = scene.queue()
    conversation = scene.writes(scene.channel(service, needs={"German": 3}))
    ana, ben = scene.agent("Ana", service), scene.agent("Ben")
    do_pick(conversation.id, ana)
    do_transfer_to_agent(conversation.id, ana, ben)
    assert [why(offer) for offer in Offer.objects.order_by("id")] == ["Picked by Ana.", "Given to Ben by Ana."]
