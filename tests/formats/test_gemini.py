"""Gemini's API as documented, where no recording shows it: requests, parts, blocks, citations, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import AuthError, OverloadedError, ProtocolError, UsageError
from notebook_stream.events import (
    Citation,
    End,
    Event,
    Failure,
    Finish,
    Media,
    Reasoning,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)

from .reading import by_choice

GEMINI = formats.get("gemini")
HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
PNG = "data:image/png;base64,iVBORw0="


def read(*chunks: dict[str, Any]) -> list[Event]:
    decoder = GEMINI.decoder()
    return [told for chunk in chunks for told in decoder.decode("message", json.dumps(chunk))]


def chunk(*parts: dict[str, Any], index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "index": index, **fields}]}


def contents(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = GEMINI.body("m", list(messages), {})["contents"]
    return made


class TestRequest:
    @pytest.mark.parametrize(
        ("model", "path"),
        [
            ("gemini-3-pro", "/models/gemini-3-pro:streamGenerateContent?alt=sse"),
            ("models/gemini-3-pro", "/models/gemini-3-pro:streamGenerateContent?alt=sse"),
            ("tunedModels/mine", "/tunedModels/mine:streamGenerateContent?alt=sse"),
            ("a?b#c d", "/models/a%3Fb%23c%20d:streamGenerateContent?alt=sse"),
        ],
    )
    def test_path(self, model: str, path: str) -> None:
        assert GEMINI.path(model) == path

    def test_key_is_a_header(self) -> None:
        assert GEMINI.key_header == ("x-goog-api-key", "")

    def test_least(self) -> None:
        body = GEMINI.body("m", HELLO, {})
        assert body == {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}

    def test_system_and_roles(self) -> None:
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": "Short."},
            *HELLO,
            {"role": "assistant", "content": "Hi"},
            {"role": "developer", "content": [{"type": "text", "text": "Polite."}]},
            {"role": "user", "content": "And?"},
        ]
        body = GEMINI.body("m", messages, {}, system="English.")
        told = [part["text"] for part in body["systemInstruction"]["parts"]]
        assert told == ["English.", "Short.", "Polite."]
        assert [content["role"] for content in body["contents"]] == ["user", "model", "user"]

    def test_params_find_their_place(self) -> None:
        params = {
            "temperature": 0.2,
            "top_p": 0.9,
            "max_tokens": 5,
            "stop": "END",
            "n": 2,
            "seed": None,
            "thinkingConfig": {"includeThoughts": True},
            "generation_config": {"topK": 3, "temperature": 1},
            "safetySettings": [1],
            "tools": [{"google_search": {}}],
        }
        body = GEMINI.body("m", HELLO, params)
        assert body["generationConfig"] == {
            "topK": 3,
            "temperature": 0.2,
            "topP": 0.9,
            "maxOutputTokens": 5,
            "stopSequences": ["END"],
            "candidateCount": 2,
            "thinkingConfig": {"includeThoughts": True},
        }
        assert (body["safetySettings"], body["tools"]) == ([1], [{"google_search": {}}])
        assert not body.keys() & {"temperature", "n", "stop", "generation_config"}

    def test_own_name_counts(self) -> None:
        body = GEMINI.body("m", HELLO, {"maxOutputTokens": 7, "max_tokens": 5})
        assert body["generationConfig"] == {"maxOutputTokens": 7}

    def test_attachments(self) -> None:
        parts = [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": PNG}},
            {"type": "image_url", "image_url": "https://example.com/a.jpg?x=1"},
            {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "mp3"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,Qg=="}},
            {"type": "file", "file": {"file_id": "https://generativelanguage.googleapis.com/v1beta/files/1"}},
            {"inlineData": {"mimeType": "video/mp4", "data": "Qw=="}},
        ]
        assert contents({"role": "user", "content": parts})[0]["parts"] == [
            {"text": "What is this?"},
            {"inlineData": {"mimeType": "image/png", "data": "iVBORw0="}},
            {"fileData": {"fileUri": "https://example.com/a.jpg?x=1", "mimeType": "image/jpeg"}},
            {"inlineData": {"mimeType": "audio/mp3", "data": "QQ=="}},
            {"inlineData": {"mimeType": "application/pdf", "data": "Qg=="}},
            {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/1"}},
            {"inlineData": {"mimeType": "video/mp4", "data": "Qw=="}},
        ]

    def test_tool_calls_and_their_results(self) -> None:
        signed = {**WEATHER, "extra_content": {"google": {"thought_signature": "sig"}}}
        time = {"id": "c2", "function": {"name": "time", "arguments": ""}}
        made = contents(
            *HELLO,
            {"role": "assistant", "content": None, "tool_calls": [signed, time]},
            {"role": "tool", "tool_call_id": "c1", "content": '{"sky": "grey"}'},
            {"role": "tool", "tool_call_id": "c2", "content": "noon"},
            {"role": "user", "content": "So?"},
        )
        assert made[1] == {
            "role": "model",
            "parts": [
                {
                    "functionCall": {"name": "weather", "args": {"city": "Oslo"}, "id": "c1"},
                    "thoughtSignature": "sig",
                },
                {"functionCall": {"name": "time", "args": {}, "id": "c2"}},
            ],
        }
        # Both results in one turn: the API wants as many as there were calls.
        assert made[2] == {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "weather", "response": {"sky": "grey"}, "id": "c1"}},
                {"functionResponse": {"name": "time", "response": {"result": "noon"}, "id": "c2"}},
            ],
        }
        assert len(made) == 4

    def test_own_messages_go_as_they_are(self) -> None:
        own = {"role": "model", "parts": [{"functionCall": {"name": "f"}, "thoughtSignature": "s"}]}
        assert contents(*HELLO, own, {"parts": [{"text": "a"}]})[1:] == [
            own,
            {"role": "user", "parts": [{"text": "a"}]},
        ]

    @pytest.mark.parametrize(
        ("messages", "told"),
        [
            ([{"role": "system", "content": "a"}], "only system"),
            ([], "not empty"),
            ([{"role": "robot", "content": "a"}], "robot"),
            ([{"role": "user", "content": [{"type": "hologram"}]}], "hologram"),
            ([{"role": "user", "content": [{"type": "image_url"}]}], "URL"),
            ([{"role": "user", "content": [{"type": "image_url", "image_url": "data:,x"}]}], "base64"),
            ([{"role": "user", "content": [7]}], "int"),
            ([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "[1"}}]}], "JSON"),
            ([{"role": "assistant", "tool_calls": ["x"]}], "function"),
            ([{"role": "assistant", "tool_calls": "x"}], "list"),
            (
                [{"role": "system", "content": [{"type": "image_url", "image_url": PNG}]}, *HELLO],
                "Only text",
            ),
        ],
    )
    def test_wrong_messages(self, messages: Any, told: str) -> None:
        with pytest.raises(UsageError, match=told) as caught:
            GEMINI.body("m", messages, {})
        assert len(str(caught.value).splitlines()) <= 3


class TestAnswer:
    def test_text_thoughts_and_signatures(self) -> None:
        events = read(
            {**chunk({"text": "Hm", "thought": True}), "modelVersion": "m-1", "responseId": "r"},
            {**chunk({"text": "Hi"}), "modelVersion": "m-1", "responseId": "r"},
            chunk({"text": "", "thoughtSignature": "s"}, {"thoughtSignature": "s"}, finishReason="STOP"),
        )
        assert events == [Start("m-1", "r"), Reasoning("Hm"), Text("Hi"), Finish("stop", "STOP")]

    def test_usage_is_the_last_told(self) -> None:
        first = {"promptTokenCount": 9, "totalTokenCount": 9}
        last = {
            "promptTokenCount": 9,
            "toolUsePromptTokenCount": 100,
            "candidatesTokenCount": 5,
            "thoughtsTokenCount": 3,
            "cachedContentTokenCount": 4,
        }
        events = read({"usageMetadata": first}, {"usageMetadata": first}, {"usageMetadata": last})
        assert events == [Usage(9, None, raw=first), Usage(109, 8, 3, 4, raw=last)]

    def test_several_candidates(self) -> None:
        both = {
            "candidates": [*chunk({"text": "a"})["candidates"], *chunk({"text": "b"}, index=1)["candidates"]]
        }
        choices = by_choice(read(both, both, chunk(index=1, finishReason="MAX_TOKENS")))
        assert (choices[0].text, choices[1].text) == ("aa", "bb")
        assert (choices[0].finish, choices[1].finish) == (None, Finish("length", "MAX_TOKENS", 1))

    def test_whole_calls(self) -> None:
        call = {"functionCall": {"name": "f", "args": {"a": "ü"}}}
        events = read(
            chunk(call, call), chunk({"functionCall": {"name": "g", "id": "7"}}, finishReason="STOP")
        )
        assert events == [
            ToolCall(0, name="f", arguments='{"a": "ü"}'),
            ToolCall(1, name="f", arguments='{"a": "ü"}'),
            ToolCall(2, "7", "g", "{}"),
            Finish("tool_calls", "STOP"),
        ]

    def test_arguments_that_are_streamed(self) -> None:
        pieces: list[dict[str, Any]] = [
            {"jsonPath": "$.city", "stringValue": "New ", "willContinue": True},
            {"jsonPath": "$.city", "stringValue": 'York "NY"', "willContinue": True},
            {"jsonPath": "$.city", "stringValue": ""},
            {"jsonPath": "$.days[0].n", "numberValue": 1},
            {"jsonPath": "$.days[0].warm", "boolValue": True},
            {"jsonPath": "$.days[1].n", "numberValue": 2.5},
            {"jsonPath": "$['odd key'].deep.er", "nullValue": "NULL_VALUE"},
            {"jsonPath": "$.last", "stringValue": "x"},
        ]
        events = read(
            chunk({"functionCall": {"name": "f", "id": "7", "willContinue": True}}),
            *(chunk({"functionCall": {"partialArgs": [p], "willContinue": True}}) for p in pieces),
            chunk({"functionCall": {}}),
            chunk({"functionCall": {"name": "g", "args": {}}}),
        )
        calls = by_choice(events)[0].tool_calls
        assert [(call["id"], call["name"]) for call in calls] == [("7", "f"), ("", "g")]
        assert json.loads(calls[0]["arguments"]) == {
            "city": 'New York "NY"',
            "days": [{"n": 1, "warm": True}, {"n": 2.5}],
            "odd key": {"deep": {"er": None}},
            "last": "x",
        }
        grown = [event.arguments for event in events if isinstance(event, ToolCall)]
        assert grown[:3] == ["", '{"city":"New ', 'York \\"NY\\"']

    @pytest.mark.parametrize("ending", [{"functionCall": {"name": "g"}}, {"text": "x"}])
    def test_streamed_arguments_that_break_off_are_closed(self, ending: dict[str, Any]) -> None:
        partial = [{"jsonPath": "$.a", "stringValue": "x", "willContinue": True}]
        calls = by_choice(
            read(
                chunk({"functionCall": {"name": "f", "partialArgs": partial, "willContinue": True}}),
                chunk(ending, finishReason="STOP"),
            )
        )[0].tool_calls
        assert calls[0]["arguments"] == '{"a":"x"}'
        assert [call["name"] for call in calls[1:]] == (["g"] if "functionCall" in ending else [])

    def test_a_string_that_another_place_breaks_off_is_closed(self) -> None:
        partial = [
            {"jsonPath": "$.a", "stringValue": "x", "willContinue": True},
            {"jsonPath": "$.b", "stringValue": "y", "willContinue": True},
            {"jsonPath": "$.b", "stringValue": "z"},
        ]
        events = read(chunk({"functionCall": {"name": "f", "partialArgs": partial}}))
        assert by_choice(events)[0].tool_calls[0]["arguments"] == '{"a":"x","b":"yz"}'

    def test_streamed_call_without_arguments(self) -> None:
        events = read(
            chunk({"functionCall": {"name": "f", "willContinue": True}}), chunk({"functionCall": {}})
        )
        assert by_choice(events)[0].tool_calls[0]["arguments"] == "{}"

    def test_media(self) -> None:
        image = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}
        sound = {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "QUJD"}}
        stored = {"fileData": {"mimeType": "video/mp4", "fileUri": "https://example.com/v"}}
        assert read(chunk(image, sound, sound, stored, {**image, "thought": True}))[:4] == [
            Media("image", "image/png", "QQ=="),
            Media("audio", "audio/L16;rate=24000", "QUJD", id="audio"),
            Media("audio", "audio/L16;rate=24000", "QUJD", id="audio"),
            Media("file", "video/mp4", url="https://example.com/v"),
        ]
        tried = read(chunk({**image, "thought": True}))
        assert [event.name for event in tried if isinstance(event, Unknown)] == ["part.inlineData"]

    def test_code_that_the_server_runs(self) -> None:
        events = read(
            chunk({"executableCode": {"language": "PYTHON", "code": "print(1)"}}),
            chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}}),
            chunk({"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "no"}}),
            chunk({"text": "One."}, finishReason="STOP"),
        )
        code = "code_execution"
        assert events == [
            ToolCall(0, name=code, arguments="print(1)", kind=code),
            ToolResult("1\n", 0, name=code, kind=code),
            ToolResult('{"outcome": "OUTCOME_FAILED", "output": "no"}', 0, name=code, kind=code),
            Text("One."),
            # The server has run it: nobody waits for the caller.
            Finish("stop", "STOP"),
        ]

    def test_other_tools_that_the_server_runs(self) -> None:
        call = {"id": "a", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["q"]}}
        result = {"id": "a", "toolType": "GOOGLE_SEARCH_WEB", "response": {"found": 1}}
        events = read(
            chunk({"functionCall": {"name": "f", "args": {}}}),
            chunk({"toolCall": call, "thoughtSignature": "x"}, {"toolResponse": result}),
            chunk({"toolResponse": {**result, "id": "elsewhere"}}),
        )
        name, kind = "GOOGLE_SEARCH_WEB", "server_tool"
        assert events[1:] == [
            ToolCall(1, "a", name, '{"queries": ["q"]}', kind),
            ToolResult('{"found": 1}', 1, "a", name, kind),
            ToolResult('{"found": 1}', None, "elsewhere", name, kind),
        ]

    def test_grounding_counts_characters(self) -> None:
        text = "Größe: 3 m 😀. Ende."
        begin = len("Größe: ".encode())
        metadata = {
            "groundingChunks": [
                {"web": {"uri": "https://a.example", "title": "A"}},
                {"retrievedContext": {"uri": "https://b.example", "title": "B", "text": "so it says"}},
                {"web": {"uri": "https://c.example"}},
            ],
            "groundingSupports": [
                {
                    "segment": {"startIndex": begin, "endIndex": begin + len("3 m 😀".encode())},
                    "groundingChunkIndices": [0, 1, 99, "x"],
                }
            ],
        }
        events = read(chunk({"text": text}), *[chunk(finishReason="STOP", groundingMetadata=metadata)] * 2)
        cited = by_choice(events)[0].citations
        assert cited == [
            Citation("https://a.example", "A", "", 7, 12),
            Citation("https://b.example", "B", "so it says", 7, 12),
            Citation("https://c.example"),
        ]
        assert text[7:12] == "3 m 😀"
        assert len([event for event in events if isinstance(event, Finish)]) == 1

    def test_citation_metadata(self) -> None:
        told = {"citationSources": [{"startIndex": 1, "endIndex": 3, "uri": "https://a.example"}]}
        vertex = {"citations": [{"endIndex": 2, "title": "B"}]}
        events = read(chunk({"text": "abcd"}, citationMetadata=told), chunk(citationMetadata=vertex))
        assert by_choice(events)[0].citations == [
            Citation("https://a.example", start=1, end=3),
            Citation(title="B", start=0, end=2),
        ]

    def test_logprobs(self) -> None:
        result = {
            "chosenCandidates": [{"token": "Hi", "logProbability": -0.1}],
            "topCandidates": [
                {
                    "candidates": [
                        {"token": "Hi", "logProbability": -0.1},
                        {"token": "Ho", "logProbability": -2},
                    ]
                }
            ],
        }
        tokens = (TokenLogprob("Hi", -0.1, (("Hi", -0.1), ("Ho", -2.0))),)
        assert read(chunk({"text": "Hi"}, logprobsResult=result)) == [Text("Hi", 0, tokens)]
        assert read(chunk(logprobsResult=result)) == [Text("", 0, tokens)]


class TestEnd:
    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            ("STOP", "stop"),
            ("MAX_TOKENS", "length"),
            ("SAFETY", "content_filter"),
            ("RECITATION", "content_filter"),
            ("PROHIBITED_CONTENT", "content_filter"),
            ("IMAGE_SAFETY", "content_filter"),
            ("MALFORMED_FUNCTION_CALL", "error"),
            ("NEW_REASON", "NEW_REASON"),
        ],
    )
    def test_reasons(self, raw: str, reason: str) -> None:
        assert read(chunk({"text": "a"}, finishReason=raw))[-1] == Finish(reason, raw)

    def test_no_reason_yet(self) -> None:
        assert read(chunk({"text": "a"}, finishReason="FINISH_REASON_UNSPECIFIED")) == [Text("a")]

    def test_what_was_blocked_is_said(self) -> None:
        ratings = [
            {"category": "HARM_CATEGORY_HARASSMENT", "blocked": True},
            {"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "LOW"},
        ]
        assert read(chunk(finishReason="SAFETY", safetyRatings=ratings)) == [
            Finish("content_filter", "SAFETY", detail="HARM_CATEGORY_HARASSMENT")
        ]
        assert read(chunk(finishReason="OTHER", finishMessage="Ran\naway")) == [
            Finish("error", "OTHER", detail="Ran away")
        ]

    def test_a_prompt_that_is_blocked(self) -> None:
        feedback = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}}
        assert read(feedback) == [
            Usage(4, raw={"promptTokenCount": 4}),
            Finish("content_filter", "SAFETY", detail="the prompt was blocked"),
        ]
        assert read({"promptFeedback": {"safetyRatings": []}}) == []

    def test_a_wrong_key_is_told_as_a_bad_request(self) -> None:
        told = {"code": 400, "message": "API key not valid. Please pass a valid API key."}
        (event,) = read({"error": told | {"status": "INVALID_ARGUMENT"}})
        assert isinstance(event, Failure)
        assert isinstance(event.error, AuthError)
        assert "Check the key" in event.error.hint

    def test_error_in_mid_stream(self) -> None:
        error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
        events = read(chunk({"text": "Hel"}), error)
        assert events[0] == Text("Hel")
        assert isinstance(events[1], Failure)
        assert isinstance(events[1].error, OverloadedError)
        assert "overloaded" in str(events[1].error)

    def test_a_proxys_own_mark(self) -> None:
        assert GEMINI.decoder().decode("", "[DONE]") == [End()]

    def test_whole_answer(self) -> None:
        answer = chunk({"text": "Hi"}, finishReason="STOP")
        assert GEMINI.decoder().whole(json.dumps(answer)) == [Text("Hi"), Finish("stop", "STOP"), End()]
        assert isinstance(GEMINI.decoder().whole('{"error": {"code": 400}}')[0], Failure)
        with pytest.raises(ProtocolError):
            GEMINI.decoder().whole('{"choices": []}')

    def test_what_is_unknown_is_kept(self) -> None:
        assert read({"news": 1}) == [Unknown("message", '{"news": 1}')]
        assert read(chunk({"hologram": 1})) == [Unknown("part.hologram", '{"hologram": 1}')]
        with pytest.raises(ProtocolError):
            GEMINI.decoder().decode("message", "<html>")
        assert GEMINI.decoder().decode("news", "<html>") == [Unknown("news", "<html>")]

    def test_two_answers_do_not_mix(self) -> None:
        one, two = GEMINI.decoder(), GEMINI.decoder()
        call = json.dumps(chunk({"functionCall": {"name": "f", "willContinue": True}}))
        assert one.decode("", call) == two.decode("", call) == [ToolCall(0, name="f")]
