"""The API's door to uploaded files."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.config import MediaSettings
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.kit.speech import say
from app.posts.media.library import Library
from app.posts.media.repository import MediaFiles
from app.posts.media.schemas import MediaFile
from app.web.fields import Line
from app.web.principals import Permission, Principal, Principals, require

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class MediaOut(BaseModel):
    """An uploaded file. `path` is its public address without the host, for use in Markdown."""

    id: str
    path: str
    type: str
    bytes: int
    sha256: str
    name: str
    uploaded_by: str
    created_at: datetime


class MediaListOut(BaseModel):
    """A page of a list; `after` asks for the next one, None when there is none."""

    items: list[MediaOut]
    after: str | None


def create_media_router(ports: Ports, settings: MediaSettings, principals: Principals) -> APIRouter:
    """The routes of uploaded files."""
    library = Library(ports.database, ports.blobs, ports.now)
    reader = require(principals, Permission.READ)
    writer = require(principals, Permission.WRITE)
    publisher = require(principals, Permission.PUBLISH)
    router = APIRouter(tags=["media"])

    @router.post(
        "/media", status_code=201, openapi_extra=_FORM, responses={200: {"model": MediaOut}}
    )
    async def upload(
        request: Request, response: Response, who: Annotated[Principal, Depends(writer)]
    ) -> MediaOut:
        """Upload a picture or a PDF as the field `file`. The same bytes are kept once and answer 200."""
        # Read here and not by a parameter, which would be read before anybody asks who sends it.
        async with request.form(max_files=1, max_fields=1) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid(say("Send the file as multipart/form-data in the field “file”."))
            if (file.size or 0) > settings.max_bytes:
                raise HTTPException(
                    413, say("A file may have {count} bytes.", count=settings.max_bytes)
                )
            data = await file.read()
            name = file.filename or ""
        kept, new = await library.keep(data, name=name, uploaded_by=who.id)
        response.status_code = 201 if new else 200
        response.headers["location"] = kept.path
        return _out(kept)

    @router.get("/media", dependencies=[Depends(reader)])
    async def list_media(
        after: Line | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> MediaListOut:
        """Uploaded files, newest first."""
        async with ports.database.reading() as session:
            found = await MediaFiles(session).newest(before=after, limit=limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return MediaListOut(
            items=[_out(file) for file in page], after=page[-1].id if more else None
        )

    @router.delete("/media/{file_id}", status_code=204, dependencies=[Depends(publisher)])
    async def delete_media(file_id: Line) -> None:
        """Delete a file. Caches elsewhere may show it for a while."""
        await library.delete(file_id)

    return router


def _out(file: MediaFile) -> MediaOut:
    return MediaOut(path=file.path, **file.model_dump(exclude={"key"}))
